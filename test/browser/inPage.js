// This file runs in the page, before the page's own scripts.

// If the panel below the canvas was open before, n8n opens it again: the canvas would depend on
// earlier tests.
for (const key of Object.keys(localStorage)) {
  if (key.startsWith('N8N_LOGS_')) localStorage.removeItem(key);
}

/**
 * Changes texts as they are shown, but not in the page's data. Code editors are left alone: they
 * would take the change for typing.
 * @param {Array<[source: string, shown: string]>} replacements regular expressions, and the texts
 * that replace what they match
 */
window.replaceTexts = (replacements) => {
  const replace = (text) =>
    replacements.reduce(
      (now, [source, shown]) => now.replace(new RegExp(source, 'g'), shown),
      text,
    );
  const undo = [];
  const change = (holder, property) => {
    const before = holder[property];
    const after = replace(before);
    if (after === before) return;
    holder[property] = after;
    undo.push(() => (holder[property] = before));
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    if (!text.parentElement.closest('.cm-content')) change(text, 'data');
  }
  for (const input of document.querySelectorAll('input')) change(input, 'value');
  window.restoreTexts = () => undo.forEach((put) => put());
};

/** Whether the canvas is where it was at the last call. */
window.canvasStandsStill = () => {
  const { transform } = document.querySelector('.vue-flow__transformationpane').style;
  const stands = window.lastCanvasTransform === transform;
  window.lastCanvasTransform = transform;
  return stands;
};

// What a person does is told to the test, if it counts: presses of the mouse, and fields that are
// typed into.
let lastTypedInto;
addEventListener('pointerdown', ({ isTrusted }) => isTrusted && window.countAct?.('clicks'), true);
addEventListener(
  'input',
  ({ target }) => {
    if (target === lastTypedInto || /^(checkbox|radio|file)$/.test(target.type)) return;
    lastTypedInto = target;
    window.countAct?.('fields');
  },
  true,
);
