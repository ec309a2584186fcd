import inspect

from iipastro.protocol import commands, deepzoom, iiif, modifiers, outputs, zoomify
from iipastro.view import View


def public_functions(module):
    return {
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    }


def test_every_setter_has_a_row():
    assert {row.reader for row in commands.MODIFIERS} == public_functions(modifiers)


def test_every_output_has_a_row():
    assert {row.reader for row in commands.OUTPUTS} == set().union(
        *map(public_functions, (outputs, deepzoom, zoomify)), {iiif.iiif}
    )


def test_no_name_stands_twice():
    names = [row.name.upper() for row in (*commands.MODIFIERS, *commands.OUTPUTS)]
    assert len(names) == len(set(names))
    objects = [row.name for row in commands.OBJECTS]
    assert len(objects) == len(set(objects))


def test_setters_change_only_what_a_view_has():
    examples = {"MINMAX": "1:0,1", "SHD": "1,2", "RGN": "0,0,1,1", "CNV": "sobel"}
    for row in commands.MODIFIERS:
        View(**row.reader(examples.get(row.name, "1"), {}))


def test_rows_are_named_as_the_specification_names_them():  # spec 2
    setters = "QLT SDS MINMAX CNT GAM WID HEI RGN ROT ICC SHD CMP INV LYR CTW COL CNV"
    outputs_named = "JTL JTLS TIL CVT SPECTRA PFL PTL WTL ATL TTL DeepZoom Zoomify IIIF VAL INFO"
    assert {row.name for row in commands.MODIFIERS} == set(setters.split())
    assert {row.name for row in commands.OUTPUTS} == set(outputs_named.split())
