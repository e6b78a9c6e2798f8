"""Is a chest radiograph frontal and upright, and which side of the patient is image left?"""

from expert_models.experts.base import Refusal, Scan

FRONTAL = ("AP", "PA", "AP supine")  # shown as facing the viewer: the patient's left is image right
UPRIGHT = ("L\\F", "R\\F")  # columns to a side of the patient, rows to the feet
TURNED = Refusal("expert_unsuitable", "the film lies turned: lungs fit it better another way up")


def not_frontal(scan: Scan) -> Refusal | None:
    """A view or an orientation that the scan states and in which no upright frontal outline lies."""
    if scan.view is not None and scan.view not in FRONTAL:
        return Refusal("expert_unsuitable", f"view {scan.view}: outlines are frontal")
    if scan.orientation is not None and scan.orientation not in UPRIGHT:
        told = f"orientation {scan.orientation}: outlines are frontal and upright"
        return Refusal("expert_unsuitable", told)
    return None


def side_labels(orientation: str | None, view: str | None) -> tuple[str, str]:
    """Labels of image left and image right: the patient's sides where the scan tells them, else none."""
    toward = (orientation or "").split("\\")[0][:1]
    if toward == "R":
        return "left lung", "right lung"
    if toward == "L" or (orientation is None and view in FRONTAL):
        return "right lung", "left lung"
    return "lung", "lung"
