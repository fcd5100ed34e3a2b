"""Reads configuration files with Python's own configparser, for ConfigurationDifferentialTests.

In:  a JSON list of {"text": base64, "defaults": {...}}
Out: a JSON list of null (refused) or {section: {option: [raw, interpolated or null]}}
"""
import base64
import configparser
import io
import json
import sys


def read(case):
    parser = configparser.ConfigParser(defaults=case["defaults"])
    try:
        parser.read_file(io.TextIOWrapper(io.BytesIO(base64.b64decode(case["text"])), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return None
    return {name: {option: [parser.get(name, option, raw=True), interpolated(parser, name, option)]
                   for option in (parser.options(name) if name != "DEFAULT" else parser.defaults())}
            for name in ["DEFAULT", *parser.sections()]}


def interpolated(parser, section, option):
    try:
        return parser.get(section, option)
    except configparser.Error:
        return None


json.dump([read(case) for case in json.load(sys.stdin)], sys.stdout)
