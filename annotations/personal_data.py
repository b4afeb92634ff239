from accounts.personal_data.holdings import Holdings


class AnnotationHoldings(Holdings):
    """A reader's annotations: all of them, those deleted but kept for undoing among them."""

    left_out = {"annotations.Annotation": ("revision",)}
