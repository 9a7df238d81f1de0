"""purenn.train.checkpoint: what a checkpoint keeps, and what it refuses to go on from."""
from __future__ import annotations

import json

import pytest

from purenn import Network
from purenn.sgd import Monitors
from purenn.train import checkpoint
from purenn.train.checkpoint import Checkpoint

MONITORS = Monitors([0.5, 0.25], [3, 4], [0.75, 0.5], [1, 2])


def network():
    """A network whose generator keeps a second number of a Gaussian for later."""
    net = Network([2, 3, 2])
    net.rng.seed(7)
    net.rng.gauss(0, 1)
    assert net.rng.getstate()[2] is not None
    return net


@pytest.fixture
def path(tmp_path):
    """A file with a checkpoint after two epochs."""
    path = tmp_path / "run.json"
    checkpoint.save(str(path), Checkpoint({"eta": 0.5}, "abc", network(), MONITORS, 1.25))
    return path


def changed(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_a_checkpoint_is_read_as_it_was_written(path):
    net = network()
    kept = checkpoint.load(str(path))
    assert kept._replace(net=None) == ({"eta": 0.5}, "abc", None, MONITORS, 1.25)
    assert isinstance(kept.monitors, Monitors)
    assert (kept.net.weights, kept.net.biases) == (net.weights, net.biases)
    assert kept.net.rng.getstate() == net.rng.getstate()


@pytest.mark.parametrize("used", [0, 1, 623, 624])
def test_every_number_of_used_words_is_read(path, used):
    """From 0 to 624: the generator makes 624 words at a time."""
    def use(content):
        content["random"][1][-1] = used

    assert checkpoint.load(changed(path, use)).net.rng.getstate()[1][-1] == used


@pytest.mark.parametrize("word", [0, 2 ** 32 - 1])
@pytest.mark.parametrize("place", [0, 623])
def test_every_word_of_32_bits_is_read(path, word, place):
    def put(content):
        content["random"][1][place] = word

    assert checkpoint.load(changed(path, put)).net.rng.getstate()[1][place] == word


STATE = 'its "random" is not the state of a random number generator'


@pytest.mark.parametrize("change", [
    lambda state: state.append(None),
    lambda state: state.pop(),
    lambda state: state.clear(),
    lambda state: state.__setitem__(0, 2),
    lambda state: state.__setitem__(1, 5),
    lambda state: state.__setitem__(1, None),
    lambda state: state[1].pop(0),
    lambda state: state[1].insert(0, 1),
    *(lambda state, place=place, word=word: state[1].__setitem__(place, word)
      for place in (0, 622, 623) for word in (-1, 2 ** 32, 1.0, True, "1", None)),
    *(lambda state, used=used: state[1].__setitem__(624, used)
      for used in (-1, 625, 624.0, False, None)),
    lambda state: state.__setitem__(2, 1),
    lambda state: state.__setitem__(2, "0.5"),
])
def test_what_is_no_state_of_the_generator(path, change):
    with pytest.raises(ValueError) as caught:
        checkpoint.load(changed(path, lambda content: change(content["random"])))
    assert str(caught.value) == f"{path} is not a checkpoint: {STATE}"


@pytest.mark.parametrize("change, fault", [
    (lambda c: c.pop("format"), 'its "format" is not "purenn-checkpoint"'),
    (lambda c: c.update(version=2), 'its "version" is not 1'),
    *((lambda c, key=key: c.pop(key), f'its "{key}" is missing or of the wrong kind')
      for key in ("settings", "data", "random", "monitors")),
    *((lambda c, key=key: c.update({key: 1}), f'its "{key}" is missing or of the wrong kind')
      for key in ("settings", "data", "random", "monitors")),
    (lambda c: c.pop("seconds"), "seconds[0] must be a number, not a NoneType"),
    (lambda c: c.pop("network"), "it must be an object, not a NoneType"),
    *((lambda c, name=name: c["monitors"].pop(name), f'its monitor "{name}" is missing')
      for name in Monitors._fields),
    *((lambda c, name=name: c["monitors"][name].append(1), "its monitors are of different lengths")
      for name in Monitors._fields),
    *((lambda c, name=name: c["monitors"].update({name: [0, 0.5]}),
       f'its monitor "{name}" is not a list of whole numbers')
      for name in ("training_accuracy", "evaluation_accuracy")),
    *((lambda c, name=name: c["monitors"].update({name: [0, -1]}),
       f'its monitor "{name}" has a negative number') for name in Monitors._fields),
    *((lambda c, name=name: c["monitors"].update({name: [0, "1"]}),
       f"{name}[1] must be a number, not a str") for name in Monitors._fields),
])
def test_what_is_no_checkpoint(path, change, fault):
    with pytest.raises(ValueError) as caught:
        checkpoint.load(changed(path, change))
    assert str(caught.value) == f"{path} is not a checkpoint: {fault}"


def test_no_example_right_is_a_count_like_any_other(path):
    kept = checkpoint.load(changed(
        path, lambda c: c["monitors"].update(training_accuracy=[0, 0])))
    assert kept.monitors.training_accuracy == [0, 0]


def test_a_run_that_has_taken_no_time_yet_goes_on(path):
    assert checkpoint.load(changed(path, lambda c: c.update(seconds=0))).seconds == 0


def test_the_digest_of_data_sees_every_pixel_target_and_their_order():
    data = [([0.0, 1.0], [1, 0]), ([0.5, 0.25], 1)]
    same = [([0.0, 1.0], [1.0, 0.0]), ([0.5, 0.25], [1])]
    known = checkpoint.data_digest(data, [])
    assert known == checkpoint.data_digest(same) == checkpoint.data_digest(data[:1], data[1:])
    for other in (data[:1], data[::-1], [data[0], ([0.5, 0.25], 2)], [data[0], ([0.5, 0.5], 1)]):
        assert checkpoint.data_digest(other) != known
