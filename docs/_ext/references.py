"""DOIs of the publications that docstrings name, added to their lists of references.

A reference is found by its title, so that docstrings stay short; references that give an arXiv
number get a link to it.

A DOI stands here once it was seen beside the paper's title, or its authors and year, in somebody
else's record or list of references. A paper whose DOI nobody looked up is left out: its reference
has no link, which is no error.
"""

import re

DOIS = {
    "New results on recurrent network training": "10.1109/72.846741",
    "Robust optimization and validation of echo state networks": "10.1016/j.neunet.2021.05.004",
    "The theta model": "10.1016/S0169-2070(00)00066-2",
    "Unmasking the theta method": "10.1016/S0169-2070(01)00143-1",
    "independent components": "10.1016/S0042-6989(97)00121-1",
    "Kolmogorov entropy and numerical experiments": "10.1103/PhysRevA.14.2338",
    "Learning long-term dependencies with gradient descent": "10.1109/72.279181",
    "Reservoir computing approaches for representation": "10.1109/TNNLS.2020.3001377",
    "Multinomial logistic regression algorithm": "10.1007/BF00048682",
    "Fair scores for ensemble forecasts": "10.1002/qj.2270",
    "Learning phrase representations using RNN": "10.3115/v1/D14-1179",
    "Learning feature representations with k-means": "10.1007/978-3-642-35289-8_30",
    "Application of least squares regression to relationships": "10.1080/01621459.1949.10483290",
    "Concept decompositions for large sparse text": "10.1023/A:1007612920971",
    "Efficient projections onto the l1-ball": "10.1145/1390156.1390191",
    "Deterministic nonperiodic flow": "10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2",
    "Graph echo state networks": "10.1109/IJCNN.2010.5596796",
    "Tree echo state networks": "10.1016/j.neucom.2012.08.017",
    "Fast and deep graph neural networks": "10.1609/aaai.v34i04.5803",
    "Deep reservoir computing: a critical": "10.1016/j.neucom.2016.12.089",
    "Forecasting trends in time series": "10.1287/mnsc.31.10.1237",
    "Next generation reservoir computing": "10.1038/s41467-021-25801-2",
    "Learning to forget: continual prediction": "10.1162/089976600300015015",
    "Generalized cross-validation as a method": "10.1080/00401706.1979.10489751",
    "Time-series analysis supported by power": "10.1002/for.3980120104",
    "Guided image filtering": "10.1109/TPAMI.2012.213",
    "Training products of experts": "10.1162/089976602760128018",
    "Ridge regression: biased estimation": "10.1080/00401706.1970.10488634",
    "The zero-frequency problem": "10.1109/18.87000",
    "Optimization and applications of echo state networks": "10.1016/j.neunet.2007.04.016",
    "Optimal whitening and decorrelation": "10.1080/00031305.2016.1277159",
    "Online learning and sequential anomaly detection": "10.1109/TPAMI.2013.172",
    "Convolutional deep belief networks for scalable": "10.1145/1553374.1553453",
    "Edge of chaos and prediction of computational": "10.1016/j.neunet.2007.04.017",
    "Feature detection with automatic scale selection": "10.1023/A:1008045108935",
    "On the limited memory BFGS method": "10.1007/BF01589116",
    "Oscillation and chaos in physiological": "10.1126/science.267326",
    "A two-dimensional mapping with a strange attractor": "10.1007/BF01608556",
    "Multidimensional curve classification": "10.1016/S0167-8655(99)00077-X",
    "Principles and algorithms for forecasting groups": "10.1016/j.ijforecast.2021.03.004",
    "Real-time computation at the edge of chaos": "10.1162/089976604323057443",
    "On estimating regression": "10.1137/1109020",
    "Adaptive restart for accelerated gradient": "10.1007/s10208-013-9150-3",
    "Another look at measures of forecast accuracy": "10.1016/j.ijforecast.2006.03.001",
    "Regression quantiles": "10.2307/1913643",
    "Minimum complexity echo state network": "10.1109/TNN.2010.2089641",
    "The M3-Competition": "10.1016/S0169-2070(00)00057-1",
    "Uncertainty quantification in complex simulation": "10.1214/13-STS443",
    "Improving reservoirs using intrinsic plasticity": "10.1016/j.neucom.2007.12.020",
    "Generating coherent patterns of activity": "10.1016/j.neuron.2009.07.018",
    "Strictly proper scoring rules": "10.1198/016214506000001437",
    "Probabilistic forecasts, calibration and sharpness": "10.1111/j.1467-9868.2007.00587.x",
    "Training restricted Boltzmann machines using": "10.1145/1390156.1390290",
    "neuron's intrinsic excitability": "10.1007/11550822_11",
    "Auto-context and its application": "10.1109/TPAMI.2009.186",
    "Minimal gated unit for recurrent": "10.1007/s11633-016-1006-2",
    "What is a good evaluation measure": "10.5244/C.27.32",
    "ROCKET: exceptionally fast": "10.1007/s10618-020-00701-z",
    "MiniRocket: a very fast": "10.1145/3447548.3467231",
    "MultiRocket: multiple pooling": "10.1007/s10618-022-00844-1",
    "A practical guide to applying echo state": "10.1007/978-3-642-35289-8_36",
    "visual object classes (VOC) challenge": "10.1007/s11263-009-0275-4",
    "Measures of the amount of ecologic association": "10.2307/1932409",
    "Tidy data": "10.18637/jss.v059.i10",
    "Algorithms for computing the sample variance": "10.1080/00031305.1983.10483115",
    "Simple deterministically constructed cycle": "10.1162/NECO_a_00297",
    "A general framework for adaptive processing": "10.1109/72.712151",
    "The future of data analysis": "10.1214/aoms/1177704711",
    "Beyond bags of features": "10.1109/CVPR.2006.68",
    "strategies for multi-step ahead": "10.1016/j.eswa.2012.01.039",
    "Out-of-sample tests of forecasting": "10.1016/S0169-2070(00)00065-0",
    "Evaluating interval forecasts": "10.2307/2527341",
    "Joint-sequence models for grapheme": "10.1016/j.specom.2008.01.002",
    "Reservoir computing approaches to recurrent": "10.1016/j.cosrev.2009.03.005",
    "Tidier drawings of trees": "10.1109/TSE.1981.234519",
    "Nomenclature of carbohydrates": "10.1351/pac199668101919",
    "Recursive functions of symbolic expressions": "10.1145/367177.367199",
    "Sur les assemblages de lignes": "10.1515/crll.1869.70.185",
    "On tree-based neural sentence modeling": "10.18653/v1/D18-1492",
    "Joint mean-covariance models": "10.1093/biomet/86.3.677",
    "Harnessing nonlinearity": "10.1126/science.1091277",
    "SMILES, a chemical language": "10.1021/ci00057a005",
    "Uncertainty relation for resolution in space": "10.1364/JOSAA.2.001160",
    "Spatiotemporal energy models": "10.1364/JOSAA.2.000284",
    "PCANet: A simple deep learning baseline": "10.1109/TIP.2015.2475625",
    "QUANT: a minimalist interval method": "10.1007/s10618-024-01036-9",
    "Inference for the generalization error": "10.1023/A:1024068626366",
    "Hydra: competing convolutional kernels": "10.1007/s10618-023-00939-3",
}


def add(app, what, name, obj, options, lines):
    """Add links to the references of a docstring, and escape the stars of its shapes."""
    # in (n, *space) a star is no emphasis
    lines[:] = [re.sub(r"(?<![\\\w*`])\*(?=[a-z_]+[,)])", r"\\*", line) for line in lines]
    i = 0
    while i < len(lines):
        if re.match(r"\s*\.\. \[\w+\] ", lines[i]):
            end = i + 1
            while end < len(lines) and lines[end].strip() and ".. [" not in lines[end]:
                end += 1
            text = " ".join(line.strip() for line in lines[i:end])
            link = link_of(text)
            if link:
                lines[end - 1] += f" {link}"
            i = end
        else:
            i += 1


def link_of(text):
    """A role that links a reference; None without a DOI."""
    if "doi" in text.lower():
        return None
    for title, doi in DOIS.items():
        if title.lower() in text.lower():
            return f":doi:`{doi}`"
    number = re.search(r"arXiv[: ]\s*(\d{4}\.\d{4,5})", text)
    return f":arxiv:`{number[1]}`" if number else None


def setup(app):
    """Come before numpydoc, which takes the section apart."""
    app.connect("autodoc-process-docstring", add, priority=100)
    return {"parallel_read_safe": True}
