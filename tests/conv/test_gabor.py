"""Gabor kernels: pairs, waves, directions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlkit.conv import gabor_bank, learn_kernels
from dlkit.conv._gabor import _waves


@pytest.mark.parametrize("kernel_size", [(9,), (32,), (7, 7), (5, 8), (5, 5, 5), (1, 7), (3, 2)])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_gabor_kernels(kernel_size, n_channels):
    bank = gabor_bank(8, kernel_size, n_channels)
    assert 2 <= len(bank) <= 8
    assert len(bank) == 8 or len(kernel_size) == 1 or min(kernel_size) < 3
    assert_allclose(bank.sum(axis=1), 0, atol=1e-12)
    assert_allclose(np.linalg.norm(bank, axis=1), 1)
    by_channel = bank.reshape(len(bank), -1, n_channels)
    assert_array_equal(by_channel, by_channel[:, :, :1].repeat(n_channels, axis=2))
    flat = by_channel[:, :, 0].reshape(len(bank), *kernel_size)
    mirrored = np.flip(flat, axis=tuple(range(1, flat.ndim)))
    assert_allclose(mirrored[::2], flat[::2], atol=1e-12)  # even
    assert_allclose(mirrored[1::2], -flat[1::2], atol=1e-12)  # odd
    pairs = by_channel[:, :, 0].reshape(len(bank) // 2, -1)
    assert len(np.unique(np.round(pairs, 5), axis=0)) == len(pairs)


@pytest.mark.parametrize("n_axes", [1, 2, 3])
def test_gabor_energy_tells_the_wave_and_not_its_phase(n_axes):
    size, n_pairs = (15, 15, 11)[:n_axes], (8, 12, 20)[n_axes - 1]
    bank = gabor_bank(2 * n_pairs, size)
    at = np.indices(size).reshape(n_axes, -1) - (np.array(size)[:, None] - 1) / 2
    waves = list(_waves(n_pairs, min(size), n_axes))
    assert len(bank) == 2 * len(waves) == 2 * n_pairs
    for i, (wavelength, direction) in enumerate(waves):
        phase = 2 * np.pi / wavelength * (direction @ at)
        energies = np.array(
            [
                np.square(bank @ np.cos(phase + shift)).reshape(-1, 2).sum(axis=1)
                for shift in np.linspace(0, np.pi, 7)
            ]
        )
        assert np.ptp(energies[:, i]) < 0.2 * energies[:, i].mean()
        assert energies.mean(axis=0)[i] > 0.8 * energies.mean(axis=0).max()


def test_gabor_waves_cover_directions_and_scales():
    bank = gabor_bank(32, (9, 9)).reshape(16, 2, 9, 9)
    spectra = np.abs(np.fft.fft2(bank[:, 0] + 1j * bank[:, 1], (64, 64)))
    peaks = np.array([np.unravel_index(s.argmax(), s.shape) for s in spectra])
    frequencies = np.fft.fftfreq(64)[peaks]
    angles = np.sort(np.degrees(np.arctan2(frequencies[:, 0], frequencies[:, 1])) % 180)
    assert np.diff([*angles, angles[0] + 180]).max() < 40
    wavelengths = 1 / np.linalg.norm(frequencies, axis=1)
    assert wavelengths.min() < 3.5
    assert wavelengths.max() > 6


def test_small_kernels_hold_few_gabors():
    with pytest.warns(UserWarning, match="'gabor' gives 2 kernels, n_kernels=8"):
        assert len(learn_kernels("gabor", None, 8, (3,))) == 2
    assert len(gabor_bank(7, (9, 9))) == 7
    for size in ((2,), (1, 2), (3, 3, 3, 3)):
        with pytest.raises(ValueError, match="kernels='gabor' needs a kernel_size of at least 3"):
            learn_kernels("gabor", None, 8, size)


@pytest.mark.parametrize("wrong", [-1, 0, 2.5, True, "8"])
def test_a_wrong_number_of_kernels_is_named(wrong):
    with pytest.raises(ValueError, match="n_kernels must be a whole number"):
        gabor_bank(wrong, (5, 5))
