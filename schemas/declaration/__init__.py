"""Declarations of sources: a YAML file says what a public dataset holds, generic readers do the rest."""

from schemas.declaration.errors import DeclarationError
from schemas.declaration.load import load_declaration
from schemas.declaration.source import Declaration

__all__ = ["Declaration", "DeclarationError", "load_declaration"]
