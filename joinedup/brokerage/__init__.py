"""The room of finding help: which provider may be asked, and whether visits were as planned."""
