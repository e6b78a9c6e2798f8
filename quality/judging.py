"""The gates, from outside: one call for each kind of row."""

from quality.gates.conversations import judge_conversations
from quality.gates.images import judge_image
from quality.gates.questions import judge_questions
from quality.gates.regions import judge_region
from quality.gates.sentences import judge_sentences

__all__ = [
    "judge_conversations",
    "judge_image",
    "judge_questions",
    "judge_region",
    "judge_sentences",
]
