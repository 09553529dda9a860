"""
Make up names with a model of sequences
=======================================

A reservoir reads names letter by letter, and a linear readout learns what may come next. Sampled
letter after letter, it makes up names that nobody bears.
"""

# %%
# The names of the stars that sailors know.

import matplotlib.pyplot as plt
import numpy as np

from dlkit import SequenceModel

STARS = """
acamar achernar acrux adhara aldebaran alioth alkaid alnair alnilam alphard alphecca alpheratz
altair ankaa antares arcturus atria avior bellatrix betelgeuse canopus capella deneb denebola
diphda dubhe elnath eltanin enif fomalhaut gacrux gienah hadar hamal kochab markab menkar
menkent miaplacidus mirfak nunki peacock polaris pollux procyon rasalhague regulus rigel sabik
schedar shaula sirius spica suhail vega zubenelgenubi mizar merak alcor alcyone algol alderamin
mira mirach mintaka saiph sadr tarazed thuban unukalhai vindemiatrix wezen zosma
""".split()  # noqa: SIM905
model = SequenceModel(200, random_state=0).fit(STARS)

# %%
# A lower temperature keeps to what is common; a higher one dares more.

for temperature in (0.5, 0.8, 1.1):
    made = model.sample(12, temperature=temperature, random_state=0)
    new = sorted({name for name in made if name not in STARS})
    print(f"{temperature}: {' '.join(new)}")

# %%
# What the model expects after each letter of a star's name: the brighter, the likelier.

word = "alphecca"
proba = model.predict_proba([word])[0]
letters = sorted(set("".join(STARS)))
shown = np.asarray(proba)[: len(word) + 1, : len(letters)]
figure, ax = plt.subplots(figsize=(9, 5.5), layout="constrained")
image = ax.imshow(shown.T, cmap="cividis", aspect="auto", vmin=0, vmax=1)
for step, letter in enumerate(word):
    ax.plot(step, letters.index(letter), "s", mfc="none", mec="#D55E00", ms=12)
ax.set_xticks(range(len(word) + 1), ["begin", *word])
ax.set_yticks(range(len(letters)), letters, fontsize=8)
ax.set(xlabel="after", ylabel="next", title="Probability of the next letter (red: what came)")
figure.colorbar(image, ax=ax)
plt.show()
