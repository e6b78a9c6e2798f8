"""Facts into sentences: `transforms.words.describe.describe`; phrasings lie in `phrases/`."""
