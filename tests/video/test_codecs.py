from vbench.video import codec_name


def test_h264_is_there_and_nonsense_is_not() -> None:
    assert codec_name("h264", "r")
    assert codec_name("no-such-codec", "r") is None
