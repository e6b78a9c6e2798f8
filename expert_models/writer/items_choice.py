"""The recipe's choices for items."""

from pydantic import BaseModel, ConfigDict


class ItemsChoice(BaseModel):
    """Which items are written of an image, and how many."""

    model_config = ConfigDict(extra="forbid", frozen=True)
