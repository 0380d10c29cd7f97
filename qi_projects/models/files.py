"""Files that a team keeps with its project: worksheets, posters, a picture of the board."""

from typing import ClassVar

from django.db import models

from portal.attachments.models import Attachment, HoldsFile
from qi_projects.models.projects import Project


class ProjectFile(HoldsFile):
    """A file of a project, with what it is called there. Who added it, and when, the file itself says."""

    file = models.OneToOneField(Attachment, on_delete=models.PROTECT, editable=False, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(max_length=150)
    about = models.TextField("what it is about", blank=True)

    most_files: ClassVar[int] = 30
    most_bytes: ClassVar[int] = 60_000_000

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(title=""), name="a_file_has_a_title")]

    def __str__(self) -> str:
        return self.title

    def counts_with(self) -> tuple[models.Model, "models.QuerySet[ProjectFile]"]:
        """Return the project, and all its files."""
        return self.project, self.project.files.all()
