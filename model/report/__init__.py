"""Result files and what is made from them: tables, and pictures (`figures`). Imports the spec only and reads files."""

from axmac.model.report.results import load, load_folder, new_result, save
from axmac.model.report.tables import markdown, table_of, tables_of

__all__ = ["load", "load_folder", "markdown", "new_result", "save", "table_of", "tables_of"]
