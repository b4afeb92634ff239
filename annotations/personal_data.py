from accounts.personal_data.holdings import Records


class AnnotationRecords(Records):
    """A reader's annotations: all of them, those deleted but kept for undoing among them."""

    left_out = {"annotations.Annotation": ("revision",)}
