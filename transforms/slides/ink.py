"""Pen on a slide: colours that no tissue in hematoxylin, eosin or DAB has."""

import numpy as np

LEAST_DENSITY = 0.3  # optical density; half of the light passes, paler ink is not told from stain
REDDER = 1.25  # density in red over density in green; hematoxylin 0.93, eosin 0.07, DAB 0.47
DARK, EVEN = (
    0.7,
    0.75,
)  # black ink: this dense in the mean, the least channel so near to the densest
_DENSITY = -np.log10(np.maximum(np.arange(256), 1) / 255.0).astype(np.float32)  # of each grey level
RED_PASSES, RED_STOPS = 0.15, 0.6  # red ink: density in red at most, in green and blue at least


def ink_mask(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 overview (8 µm per pixel or coarser) to [H, W] bool, where ink is.

    Blue, green and violet ink hold back red more than green light, which hematoxylin, eosin and DAB never
    do (their densities: Ruifrok and Johnston, Anal Quant Cytol Histol 23 (2001) 291); black ink
    holds back all light alike; red ink lets red pass and nearly nothing else. At the resolution of an
    overview nuclei and red cells have merged with what is around them. Blue and green stains look
    like ink: the check is not for those.
    """
    red, green, blue = (_DENSITY[image[..., channel]] for channel in range(3))
    cold = (red > LEAST_DENSITY) & (red > REDDER * green)
    black = (red + green + blue > 3 * DARK) & (
        np.minimum(np.minimum(red, green), blue) > EVEN * np.maximum(np.maximum(red, green), blue)
    )
    bright_red = (red < RED_PASSES) & (green > RED_STOPS) & (blue > RED_STOPS)
    return cold | black | bright_red
