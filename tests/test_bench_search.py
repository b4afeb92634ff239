import pytest

from tests.bench import bench_search, bench_search_postgresql, timing


def test_a_server_that_does_not_answer_is_left_out_in_plain_words(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCH_DATABASE_URL", "postgres://somebody:secret@127.0.0.1:1/site")

    with pytest.raises(timing.Missing, match=r"PostgreSQL is left out.*port 1.*\n.*DATABASE_URL=") as missing:
        bench_search_postgresql.measure(tmp_path, tmp_path / "index", [], [])

    assert "secret" not in str(missing.value)


def test_what_was_asked_is_measured_without_the_first_time():
    took, clock = iter([7.0, *[0.001] * 18, 0.005, 0.02]), [0.0]

    def ask(question):
        clock[0] += next(took)
        return question

    figures = timing.asked("search", ask, ["dose"] * 19 + [""], cpu=lambda: clock[0])

    assert figures["search p50, ms of CPU"] == pytest.approx(1)
    assert figures["search p95, ms of CPU"] == pytest.approx(20)
    assert figures["search with an answer, %"] == 95


def test_each_figure_is_beside_ours_with_its_ratio():
    lines = [*bench_search.table({"ours": {"index, s": 2.0, "memory": 1.0}, "theirs": {"index, s": 3.0}})]

    assert [line.split() for line in lines] == [
        ["ours", "theirs"],
        ["index,", "s", "2.0", "3.0", "1.50", "×"],
        ["memory", "1.0"],
    ]
