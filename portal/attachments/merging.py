"""What becomes of files when two accounts are put together."""

from portal.accounts.merging import keeps_where_it_is

keeps_where_it_is({"attachments.attachment.uploaded_by": "what they did: nobody's to change"})
