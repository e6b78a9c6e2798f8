"""Doubts that readers put on pictures (`Picture.flags`). They stay with the row; nothing is repaired."""

OBLIQUE = "oblique"
SHEARED = "sheared stack"
UNEVEN_GAPS = "uneven slice gaps"
PLANE_AS_ACQUIRED = "plane as acquired"
ANISOTROPIC = "anisotropic pixels"
LOCALIZER = "localizer"
ORIENTATION_UNKNOWN = "orientation unknown"
FORMS_DIFFER = "forms differ"
SPACING_DISAGREES = "spacing disagrees"
SPACING_AT_DETECTOR = "spacing at detector"
UNIT_ASSUMED = "unit assumed mm"
SCALING_NOT_FINITE = "scaling not finite"
VALUES_NOT_FINITE = "values not finite"
VALUES_UNREAD = "values not read"
WINDOW_INVALID = "stated window invalid"
LOSSY = "lossy compression stated"
BURNED_IN = "burned-in annotation stated"
FIRST_FRAME = "first of many frames"
EXIF_TURNED = "EXIF orientation applied"
ALPHA_ON_BLACK = "alpha on black"
NOMINAL_RESOLUTION = "nominal resolution"

FLAGS = {
    OBLIQUE: "a grid axis leaves its patient axis by more than 5 degrees; the plane's name is nearest",
    SHEARED: "slices are shifted against each other (gantry tilt); no other plane is cut",
    UNEVEN_GAPS: "slices are missing or unevenly spaced; no volumes, no other plane",
    PLANE_AS_ACQUIRED: "the plane asked for cannot be cut; slices are shown as stored",
    ANISOTROPIC: "pixel sides differ by more than 5 %; shapes are distorted as shown",
    LOCALIZER: "the header calls it a localizer; of CT a projection, no cut and no HU",
    ORIENTATION_UNKNOWN: "the file does not say how it lies in the patient",
    FORMS_DIFFER: "qform and sform describe two spaces; the sform is used",
    SPACING_DISAGREES: "pixdim and affine give other voxel sizes; no millimetre is used",
    SPACING_AT_DETECTOR: "pixel spacing is that of the detector or film, not of the patient; not used",
    UNIT_ASSUMED: "the header names no unit of length; millimetre is assumed",
    SCALING_NOT_FINITE: "slope or intercept is NaN or infinite; values are as stored",
    VALUES_NOT_FINITE: "some voxels are NaN or infinite; they are shown black",
    VALUES_UNREAD: "a slice cannot be decoded, so no HU are measured in the volume",
    WINDOW_INVALID: "the header's window has no width; it is not used",
    LOSSY: "the header says the pixels were compressed with loss",
    BURNED_IN: "the header says the pixels show identifying text",
    FIRST_FRAME: "the file holds more frames or pages; the first is shown",
    EXIF_TURNED: "rows and columns were turned as EXIF says; masks may be drawn before or after",
    ALPHA_ON_BLACK: "a varying alpha channel was laid on black",
    NOMINAL_RESOLUTION: "the slide states no µm per pixel; worked out from the objective power",
}
"""Every flag of the format readers and what it means."""
