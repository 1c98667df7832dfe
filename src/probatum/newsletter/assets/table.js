// Makes the table of all summaries sortable (a button in every heading) and filterable; it is complete without.
"use strict";

(() => {
  const table = document.getElementById("summaries");
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const words = document.getElementById("words");
  const section = document.getElementById("section");
  const verdict = document.getElementById("verdict");
  const highlights = document.getElementById("highlights");
  const body = table.tBodies[0];
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" }).compare;
  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]+/g, "").toLowerCase();

  const rows = Array.from(body.rows, (row) => {
    const cells = Array.from(row.cells, (cell) => cell.textContent.trim());
    return {
      row,
      cells,
      text: plain(cells.join(" ")),
      highlight: row.classList.contains("highlight"),
      states: Array.from(row.querySelectorAll(".verdict"), (mark) => mark.classList[1]),
    };
  });

  function filter() {
    const asked = plain(words.value).split(/\s+/).filter(Boolean);
    const state = verdict.value.replaceAll(" ", "-");
    let count = 0;
    for (const { row, cells, text, highlight, states } of rows) {
      const fits = asked.every((word) => text.includes(word))
        && (!section.value || cells[3] === section.value)
        && (!state || states.includes(state))
        && (!highlights.checked || highlight);
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  }

  // Empty cells come last whichever way the column runs.
  function sort(column, number, direction) {
    const order = (a, b) => {
      const x = a.cells[column], y = b.cells[column];
      if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1);
      return direction * (number ? x - y : compare(x, y));
    };
    rows.sort(order);
    body.append(...rows.map(({ row }) => row));
  }

  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const number = heading.dataset.kind === "number";
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const before = heading.getAttribute("aria-sort");
      const down = before ? before === "ascending" : number;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(column, number, down ? -1 : 1);
    });
  });

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
