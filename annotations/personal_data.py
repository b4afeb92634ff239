from accounts.personal_data.holdings import Holdings


class AnnotationHoldings(Holdings):
    """All of a reader's annotations, including deleted ones that can still be restored."""

    left_out = {"annotations.Annotation": ("revision", "sent_as")}
