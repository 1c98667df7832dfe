// Finds entries by words: loads the pieces of the index that a query needs, ranks by BM25, shows ten at a time.
"use strict";

(() => {
  const K = 1.2, B = 0.4, PAGE = 10;
  const form = document.getElementById("search");
  const field = document.getElementById("q");
  const found = document.getElementById("found");
  const results = document.getElementById("results");
  const more = document.getElementById("more");
  const pieces = new Map();
  const waiting = new Map();
  let ranked = [], asked = [], shown = 0, turn = 0;

  // Every file of the index calls this.
  window.searchPiece = (name, data) => waiting.get(name)(data);

  function load(piece) {
    const name = String(piece);
    if (!pieces.has(name)) {
      pieces.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        const script = document.createElement("script");
        script.src = `search/${name}.js`;
        script.onerror = () => { pieces.delete(name); reject(new Error(name)); };
        document.head.append(script);
      }));
    }
    return pieces.get(name);
  }

  const ready = load("about").then((about) => {
    const total = about.lengths.reduce((sum, length) => sum + length, 0);
    return {
      ...about,
      names: new Set(about.pieces),
      stopWords: new Set(about.stop.split(" ")),
      mean: total / (about.lengths.length || 1),
    };
  });

  function wordsOf(text) {
    const plain = text.normalize("NFKD").replace(/[\u0300-\u036f]+/g, "").toLowerCase();
    return plain.match(/[\p{L}\p{N}]+/gu) || [];
  }

  // Words with the same first two letters lie in one piece.
  function pieceOf(about, word) {
    const [first, second] = Array.from(word, (letter) => letter.codePointAt(0));
    return (first * 31 + (second || 0)) % about.modulus;
  }

  // The last word may go on in any way, the others by up to two letters (plurals); a longer word counts for less.
  function matches(postings, word, last) {
    return Object.entries(postings).filter(([term]) =>
      term.startsWith(word) && (last || term.length <= word.length + 2));
  }

  function score(about, postings, word, last, scores) {
    const best = new Map();
    for (const [term, list] of matches(postings, word, last)) {
      const rarity = Math.log(1 + (about.lengths.length - list.length + 0.5) / (list.length + 0.5));
      for (const posting of list) {
        const entry = Math.floor(posting / about.weights), weight = posting % about.weights;
        const norm = K * (1 - B + B * about.lengths[entry] / about.mean);
        const value = rarity * weight * (K + 1) / (weight + norm) * (word.length / term.length);
        if (value > (best.get(entry) || 0)) best.set(entry, value);
      }
    }
    for (const [entry, value] of best) {
      const sum = scores.get(entry) || { words: 0, value: 0 };
      scores.set(entry, { words: sum.words + 1, value: sum.value + value });
    }
  }

  async function rank(query) {
    const about = await ready;
    const all = [...new Set(wordsOf(query))];
    const open = !/\s$/.test(query);
    const words = all.filter((word, i) => !about.stopWords.has(word) || (open && all.length === 1));
    const scores = new Map();
    await Promise.all(words.map(async (word) => {
      const name = pieceOf(about, word);
      if (!about.names.has(name)) return;
      score(about, await load(name), word, open && word === all[all.length - 1], scores);
    }));
    const most = Math.max(0, ...[...scores.values()].map((sum) => sum.words));
    const list = [...scores].filter(([, sum]) => sum.words === most);
    list.sort((a, b) => b[1].value - a[1].value || a[0] - b[0]);
    return { words, entries: list.map(([entry]) => entry), all: most === words.length };
  }

  // Text with the words of the query marked; everything is set as text, nothing as markup.
  function marked(tag, text) {
    const element = document.createElement(tag);
    let rest = 0;
    for (const match of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
      const plain = wordsOf(match[0]).join("");
      if (!asked.some((word) => plain.startsWith(word))) continue;
      const mark = document.createElement("mark");
      mark.textContent = match[0];
      element.append(text.slice(rest, match.index), mark);
      rest = match.index + match[0].length;
    }
    element.append(text.slice(rest));
    return element;
  }

  function linked(href, content) {
    const link = document.createElement("a");
    link.href = href;
    link.append(content);
    return link;
  }

  function item([title, id, issue, byline, snippet]) {
    const li = document.createElement("li");
    const name = encodeURIComponent(id);
    const about = marked("p", byline);
    about.className = "byline";
    if (issue !== null) about.append(" ", linked(`issues/${issue}.html#${name}`, `Issue ${issue}`));
    li.append(linked(`entries/${name}.html`, marked("span", title)), about);
    if (snippet) li.append(marked("p", snippet));
    return li;
  }

  async function show() {
    const now = turn, about = await ready;
    const page = ranked.slice(shown, shown + PAGE);
    const chunks = await Promise.all(page.map((entry) => load(`entries-${Math.floor(entry / about.chunk)}`)));
    if (now !== turn) return;
    if (!shown) results.replaceChildren();
    results.append(...page.map((entry, i) => item(chunks[i][entry % about.chunk])));
    shown += page.length;
    more.hidden = shown >= ranked.length;
  }

  async function search() {
    const now = ++turn, query = field.value;
    if (location.protocol !== "file:") {
      history.replaceState(null, "", query.trim() ? `?q=${encodeURIComponent(query.trim())}` : location.pathname);
    }
    try {
      const answer = await rank(query);
      if (now !== turn) return;
      ranked = answer.entries;
      asked = answer.words;
      shown = 0;
      const number = ranked.length;
      if (!query.trim()) found.textContent = "";
      else if (!number) found.textContent = "Nothing found.";
      else {
        found.textContent = `${number.toLocaleString("en")} ${number === 1 ? "entry" : "entries"}`
          + (answer.all ? "" : "; none has all of these words");
      }
      await show();
      if (now === turn && !number) results.replaceChildren();
    } catch (error) {
      found.textContent = `The index could not be loaded (${error.message}).`;
    }
  }

  let timer = 0;
  form.hidden = false;
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  more.addEventListener("click", show);
  if (field.value) search(); else field.focus();
})();
