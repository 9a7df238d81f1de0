"""Pictures in characters, and what they are drawn from."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purenn.linalg import vectorized_result
from purenn.network import Network
from purenn.terminal import charts
from purenn.terminal import classified as result
from purenn.terminal.classified import Classified


def classified(digit, output, index=0):
    return Classified([0.0] * 4, digit, output, index)


RIGHT, UNSURE = classified(0, [0.9, 0.1], 0), classified(1, [0.5, 0.6], 1)
MISTAKE, WORSE = classified(0, [0.4, 0.6], 2), classified(1, [0.8, 0.2], 3)


# ---- what is drawn ------------------------------------------------------------------------------

def test_mistakes_come_with_the_most_certain_first():
    data = [RIGHT, UNSURE, MISTAKE, WORSE]
    assert result.wrong(data) == [WORSE, MISTAKE]
    assert result.worst_first(data) == [WORSE, MISTAKE, UNSURE, RIGHT]
    assert result.confusion(data) == [[1, 1], [1, 1]]
    assert result.right(data) == 2
    assert result.accuracy_line(data) == "50.00 % (2 of 4)"


@pytest.mark.parametrize("target", [int, vectorized_result])
def test_classify_takes_all_examples_or_those_at_some_places(target):
    net = Network([2, 10])
    net.weights = [[[k / 8, -k / 8] for k in range(10)]]  # the more of x[0] − x[1], the later
    net.biases = [[0.0] * 10]
    data = [([1.0, 0.0], target(9)), ([0.0, 1.0], target(9)), ([0.0, 1.0], target(3))]
    everything = result.classify(net, data)
    assert [(c.index, c.digit, c.said) for c in everything] == [(0, 9, 9), (1, 9, 0), (2, 3, 0)]
    assert [c.image for c in everything] == [x for x, _ in data]
    assert [c.output for c in everything] == [net.feedforward(x) for x, _ in data]
    assert result.classify(net, data, [2, 0]) == [everything[2], everything[0]]


# ---- digits -------------------------------------------------------------------------------------

def test_a_small_digit_has_two_characters_a_pixel():
    assert charts.digit([0.0, 1.0, 0.5, 0.0], unicode=False) == ["  ##", "::  "]
    assert charts.digit([0.0, 1.0, 0.5, 0.25], unicode=True) == ["  ██", "▒▒░░"]


def test_an_image_that_is_not_square_has_no_picture():
    assert charts.digit([0.0, 1.0], unicode=False) == []


def large(side, ink):
    """A square image that has ink at the given (row, column)."""
    return [ink.get((row, column), 0.0) for row in range(side) for column in range(side)]


def test_a_large_digit_has_two_pixels_a_character():
    image = large(18, {(0, 0): 1.0, (1, 1): 1.0, (2, 2): 1.0, (3, 2): 1.0, (16, 17): 1.0})
    lines = charts.digit(image, unicode=True)
    assert [len(line) for line in lines] == [18] * 9
    assert [line.strip() for line in lines] == ["▀▄", "█", "", "", "", "", "", "", "▀"]
    assert lines[1].index("█") == 2 and lines[8].index("▀") == 17
    lines = charts.digit(image, unicode=False)
    assert [len(line) for line in lines] == [18] * 9
    assert lines[1][2] == "@" and lines[0][0] == lines[0][1] == lines[8][17]
    assert lines[0][0] not in " @"  # half of its two pixels is ink


def test_a_large_digit_with_an_odd_number_of_rows_loses_none():
    lines = charts.digit(large(17, {(16, 3): 1.0}), unicode=True)
    assert len(lines) == 9 and lines[-1] == "   ▀" + " " * 13


@given(st.lists(st.floats(allow_nan=False), min_size=4, max_size=4), st.booleans())
def test_whatever_the_pixels_are_there_is_a_picture(image, unicode):
    assert [len(line) for line in charts.digit(image, unicode)] == [4, 4]
    assert [len(line) for line in charts.digit(image * 100, unicode)] == [20] * 10


# ---- bars ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("value, unicode, drawn", [
    (0, True, "    "), (1, True, "████"), (0.5, True, "██  "), (0.25, False, "#   "),
    (1 / 32, True, "▏   "),  # an eighth of one of four characters
    (0.25 + 7 / 32, True, "█▉  "), (-1, True, "    "), (2, True, "████"),
    (-1, False, "    "), (2, False, "####")])
def test_a_bar_is_as_wide_as_its_part_of_the_whole(value, unicode, drawn):
    assert charts.bar(value, 1, unicode, width=4) == drawn


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_value_has_no_shorter_bar(small, large):
    small, large = sorted([small, large])
    for unicode in (True, False):
        shorter, longer = (charts.bar(value, 1, unicode) for value in (small, large))
        assert len(shorter) == len(longer) == charts.BAR_WIDTH
        ranks = [[(charts.EIGHTHS + "#").index(c) for c in line] for line in (shorter, longer)]
        assert ranks[0] <= ranks[1]


def test_outputs_are_a_line_each_with_number_and_name():
    lines = charts.outputs([0.25, 1.0, -0.5], {1: "<- here"}, unicode=False)
    assert lines == ["0  #####                 0.25",
                     "1  ####################  1.00  <- here",
                     "2                       -0.50"]


def test_outputs_above_one_fit_all_the_same():
    assert charts.outputs([2.0, 4.0], {}, unicode=False) == [
        "0  ##########            2.00", "1  ####################  4.00"]


# ---- the rest -----------------------------------------------------------------------------------

def test_blocks_beside_each_other():
    assert charts.side_by_side([["a", "bb"], ["c"]], gap=1) == ["a  c", "bb"]
    assert charts.centered([["a"], ["b", "c", "d"]]) == [["", "a"], ["b", "c", "d"]]


def test_articles():
    assert [charts.a(digit) for digit in (0, 1, 8, 9)] == ["a 0", "a 1", "an 8", "a 9"]


def test_the_head_of_a_confusion_matrix():
    assert charts.confusion_head("test rows") == (
        "The test rows by class (down), and what the network took them for (across):")


def test_confusion_matrix_as_a_table():
    assert charts.confusion_matrix([[5, 0], [12, 30]]) == [
        "       0  1   <- what the network said",
        "   0   5  .   5 of 5 right",
        "   1  12 30   30 of 42 right"]


def test_learning_curves_as_a_chart():
    lines = charts.learning_curves({"training": [0.0, 1.0], "evaluation": [0.0, 0.5]}, False)
    assert lines[0] == " 100.0 % |  **"
    assert lines[-4] == "   0.0 % |oo  "
    assert lines[-3:] == ["         +----", "          1 epoch 2",
                          "          * training   o evaluation"]
    middle = [line for line in lines if line.endswith("|  oo")]
    assert len(middle) == 1 and abs(float(middle[0].split()[0]) - 50) < 10  # ten rows for 0 to 100


@pytest.mark.parametrize("epochs", [1, 2, 3, 30, 31, 60, 61, 500])
def test_learning_curves_of_any_length(epochs):
    curve = [k / epochs for k in range(epochs)]
    lines = charts.learning_curves({"training": curve, "evaluation": curve}, True)
    assert lines[-2].endswith(f"epoch {epochs}")
    assert max(map(len, lines)) <= 80
