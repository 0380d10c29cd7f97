"""How static files are named and packed."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Static files under names that hold a hash of their content, compressed once, cached for ever.

    Imports inside script modules are rewritten too, so that a module and what it imports are always of one release.
    """

    support_js_module_import_aggregation = True
