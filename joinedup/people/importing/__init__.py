"""Bringing in what others hold: FHIR bundles and NDJSON of any organisation, and the Client Level
Data of councils. `import_paths` is all the rest of joinedup calls.

    sources     files, folders and archives as streams     naming     what things are called here
    entries     the resources of one file, one by one      persons    which person a Patient is
    resources   read, named, attached, checked             links      references to nothing
    council...  Client Level Data rows                     writing    storing in batches
"""

from joinedup.people.importing.report import Count, ImportReport
from joinedup.people.importing.run import Progress, import_paths

__all__ = ["Count", "ImportReport", "Progress", "import_paths"]
