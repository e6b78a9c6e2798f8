"""Facts into questions: `transforms.questions.ask.ask`; one module a type, stems in `phrases/`."""
