import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { END, KeyMeaning } from "../../../pos/static/js/register/key_meaning.js";

/** Keys with the milliseconds before each, by speed of scanner and typist: what is written, scanned and done by them. */
const CORPUS = JSON.parse(readFileSync(new URL("key_timings.json", import.meta.url), "utf8"));

/** `Alt+k` is with the modifier of commands, `Ctrl+v` with another; `Enter~` ends a composition. */
function strokeOf(written, at) {
  const [, modifier, key, composing] = /^(?:(Alt|Ctrl)\+)?(.+?)(~?)$/.exec(written);
  return {
    key,
    at,
    letter: modifier === "Alt" ? key.toUpperCase() : null,
    modified: modifier === "Ctrl",
    composing: composing === "~" || key === "Process",
  };
}

/** Replay keys as the page would: where they are written, the search gets the focus. */
function replay({ keys, gaps, where, scanner }, dialog = false) {
  const meaning = new KeyMeaning(scanner);
  const did = { text: "", scans: [], acts: [] };
  let kind = where;
  let before = "";
  let at = 10_000;
  const act = (meant, key) => {
    if (meant.does === "scan") {
      did.scans.push(meant.text);
      did.text = before;
    } else if (meant.does === "command") did.acts.push(meant.letter);
    else if (meant.does === "type" || meant.does === "nothing") {
      const isWritten = key?.length === 1 && ["search", "field", "code"].includes(kind);
      if (meant.does === "type") kind = "search";
      if (meant.does === "type" || isWritten) did.text += key === "Dead" ? "" : key;
    } else if (meant.does !== "swallow") did.acts.push(meant.does);
  };
  for (const [number, written] of keys.entries()) {
    if (gaps[number] > END) act(meaning.pause());
    at += gaps[number];
    const stroke = strokeOf(written, at);
    const meant = meaning.read(stroke, { kind, dialog, empty: did.text === "" });
    if (meant.begins) before = did.text;
    act(meant, stroke.modified ? "" : stroke.key);
  }
  act(meaning.pause());
  return did;
}

for (const known of CORPUS)
  test(`key timings: ${known.name}`, () => {
    const { text, scans, acts } = known;
    assert.deepEqual(replay(known), { text, scans, acts });
  });

test("in a dialog no key is a command, a search or a sale, at no speed", () => {
  for (const known of CORPUS.filter(({ where }) => where === "page"))
    assert.deepEqual({ ...replay(known, true), scans: [] }, { text: "", scans: [], acts: [] }, known.name);
});

test("a key that is held down does nothing again", () => {
  const meaning = new KeyMeaning();
  const held = { key: "Backspace", at: 50, repeat: true };
  assert.equal(meaning.read({ key: "Backspace", at: 0 }, { kind: "page" }).does, "remove");
  assert.equal(meaning.read(held, { kind: "page" }).does, "nothing");
});

test("a hand at the mouse ends what may be a scan", () => {
  const meaning = new KeyMeaning();
  for (const [number, key] of [..."40063813"].entries()) meaning.read({ key, at: number * 10 }, { kind: "field" });
  meaning.interrupt();
  assert.deepEqual(meaning.pause(), { does: "nothing" });
});
