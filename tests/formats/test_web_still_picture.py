import pytest

from probatum.newsletter.parts.still_picture import is_still, title

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
STILL = [
    "<title>Bands</title><path d='M0 0'/>",
    "<defs><path id='a'/></defs><use xlink:href='#a'/>",
    "<image href='data:image/png;base64,AA=='/>",
    "<metadata><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></metadata>",
]
LIVELY = [
    "<script>alert(1)</script>",
    "<path onload='alert(1)'/>",
    "<a href='javascript:alert(1)'><path/></a>",
    "<use href='https://a.example/x.svg#a'/>",
    "<image href='data:image/svg+xml,x'/>",
    "<image xlink:href=' &#106;avascript:alert(1)'/>",
    "<animate attributeName='href' to='javascript:alert(1)'/>",
    "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
    "<p xmlns='http://www.w3.org/1999/xhtml'/>",
    "<script xmlns=''/>",
    "<path",
]


@pytest.mark.parametrize("drawing", STILL)
def test_a_drawing_is_shown(tmp_path, drawing):
    (tmp_path / "a.svg").write_text(SVG.format(drawing))
    assert is_still(tmp_path / "a.svg")
    assert title(tmp_path / "a.svg") == ("Bands" if "Bands" in drawing else "")


@pytest.mark.parametrize("drawing", LIVELY)
def test_a_drawing_that_may_run_something_is_not(tmp_path, drawing):
    (tmp_path / "a.svg").write_text(SVG.format(drawing))
    assert not is_still(tmp_path / "a.svg")
    assert title(tmp_path / "a.svg") == ""


def test_entities_and_foreign_styles_are_not_asked_about(tmp_path):
    (tmp_path / "a.svg").write_text("<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format(""))
    (tmp_path / "b.svg").write_text("<?xml-stylesheet href='x.xsl'?>" + SVG.format(""))
    assert not is_still(tmp_path / "a.svg") and not is_still(tmp_path / "b.svg")


def test_pixels_are_known_by_their_ending(tmp_path):
    assert is_still(tmp_path / "a.png")
    assert not is_still(tmp_path / "a.html")
