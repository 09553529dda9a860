"""How much is worked on at a time: every bound on memory in the package, each a plain number.

Modules read them as attributes, ``_budgets.SPAN_BYTES``, so that a test that wants small pieces
sets one name here. They change results by rounding at most.
"""

# reservoirs
SPAN_BYTES = 2**23  # states of one span: enough to fill the lanes, few enough for the caches
WIDE_SPAN_BYTES = 2**29  # states of a span that are not handed over: short enough for progress
CHUNKED_SPAN_BYTES = 2**26  # states of a span that is run in chunks: long beside their overlaps
STATES_BYTES = 2**28  # states that a fit keeps, and of one block: a quarter of a second's run
INPUT_WEIGHT = 64  # states that a byte of input counts as in a block: at most 4 MB travel
PART_BYTES = 2**24  # states of a partial_fit that are learned at once: it fails as a whole or not
SCAN_BYTES = 2**26  # states of the images that are scanned together
ECHO_STEPS = 256  # steps that the echo state index runs at a time

# looking through what a user hands over
LOOK_ROWS = 2**18  # time steps, or labels
LOOK_ENTRIES = 2**22  # numbers of images, series and volumes

# readouts
TILE_ENTRIES = 2**21  # numbers of a tile of rows that is converted to float64: 16 MB
TILE_LEAST_ROWS = 256  # rows of such a tile at least, for products to run at speed
RLS_ROWS = 1024  # rows that recursive least squares converts to float64 at a time
EIGH_BYTES = 2**25  # a matrix that may be held three times, to find its eigenvectors
LOGISTIC_ENTRIES = 2**19  # numbers of a tile of rows whose likelihood is computed at a time
RETRIEVAL_ENTRIES = 2**22  # scores of queries against stored rows that are held at a time

# convolution
CONV_TILE_BYTES = 2**20  # responses of a tile, which are to stay in the second-level cache
CONV_TILE_ROWS = 256, 1536  # positions of a tile, at least and at most
SLAB_BYTES = 2**23  # a sample; beyond, it is read in slabs of its first axis
CONV_TASK_BYTES = 2**22  # input, and sums over cells, of the samples of a thread
PATCH_ENTRIES = 2**20  # numbers of samples that patches are drawn from at a time
KMEANS_TASK_ROWS = 2**13  # rows that a thread of spherical k-means takes; a multiple of 512

# positions
POSITION_BYTES = 2**26  # columns that describe the positions of a box, its margins included
POSITION_TILE_BYTES = 2**20  # random units of the positions that meet the weights at a time
POSITION_CACHE_BYTES = 3 * 2**26  # columns of all samples that fit keeps between stages

# rockets
ROCKET_SERIES = 16  # series that a thread takes at a time
ROCKET_STEPS = 1024  # or as many series as make so many steps

# layers
RBM_ROWS = 1024  # rows that a Boltzmann machine transforms at a time
RBM_SUM_TERMS = 2**14  # terms of one sum of a kernel's gradient: more would lose digits
CONV_RBM_ENTRIES = 2**22  # numbers of the patches that ConvRBM.transform holds
AUTOENCODER_ROWS = 4096  # rows that autoencoders in closed form take at a time
ENUMERATED_ROWS = 2**12  # states of visible units, of all there are, that are summed at a time
PSEUDO_LIKELIHOOD_ROWS = 64  # rows; each has as many variants as visible units
