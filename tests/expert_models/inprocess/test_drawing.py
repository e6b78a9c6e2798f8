import pytest

from expert_models.llm.inprocess.base import draw_seed
from expert_models.llm.inprocess.drawing import Draw, Drawn, Ended
from schemas.exchange import Sampling
from tests.real_engines.questions import question

torch = pytest.importorskip("torch")

CPU = torch.device("cpu")
SCORES = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()


def shares(draw: Draw, steps: int = 4000) -> list[float]:
    drawn = Drawn([draw], CPU)
    picks = torch.tensor([drawn(None, SCORES[None].clone()).argmax().item() for _ in range(steps)])
    return [(picks == i).float().mean().item() for i in range(4)]


def test_tokens_are_drawn_in_proportion() -> None:
    # Four times the error of a share of 4,000 is 0.03; greedy or uniform draws are 0.25 off and more.
    assert shares(Draw(1.0, 1.0, seed=3)) == pytest.approx([0.5, 0.25, 0.15, 0.1], abs=0.03)


def test_temperature_sharpens() -> None:
    squared = [p**2 for p in (0.5, 0.25, 0.15, 0.1)]  # temperature 0.5 squares the odds
    expected = [p / sum(squared) for p in squared]
    assert shares(Draw(0.5, 1.0, seed=4)) == pytest.approx(expected, abs=0.03)


def test_the_tail_beyond_top_p_is_never_drawn() -> None:
    # 0.5 and 0.25 hold 0.75 >= 0.7: the rest is out, and the two keep their odds.
    assert shares(Draw(1.0, 0.7, seed=5)) == pytest.approx([2 / 3, 1 / 3, 0, 0], abs=0.03)
    assert shares(Draw(1.0, 0.7, seed=5))[2:] == [0, 0]


def test_a_row_draws_the_same_beside_any_other() -> None:
    scores = torch.randn(3, 50, generator=torch.Generator().manual_seed(1))
    draws = [Draw(1.0, 0.9, seed) for seed in (7, 8, 9)]
    together, alone = Drawn(draws, CPU), Drawn(draws[1:2], CPU)
    for _ in range(5):
        beside = together(None, scores.clone())[1]
        assert torch.equal(beside, alone(None, scores[1:2].clone())[0])


def test_temperature_zero_is_left_to_greedy_search() -> None:
    drawn = Drawn([Draw(0.0, 0.5, 1), Draw(1.0, 1.0, 1)], CPU)
    out = drawn(None, SCORES.repeat(2, 1))
    assert torch.equal(out[0], SCORES)
    assert not torch.equal(out[1], SCORES)


def test_rows_end_at_their_own_limits() -> None:
    ended = Ended([2, 3], prompt_length=10, device=CPU)
    flags = [ended(torch.zeros(2, 10 + n), None).tolist() for n in (1, 2, 3)]
    assert flags == [[False, False], [True, False], [True, True]]


def test_every_request_has_a_seed_of_its_own() -> None:
    one = question("a", sampling=Sampling(temperature=1, seed=5))
    again = question("a", sampling=Sampling(temperature=1, seed=5), sample=1)
    seeds = {draw_seed("k", one), draw_seed("k", again), draw_seed("l", one)}
    assert len(seeds) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)
