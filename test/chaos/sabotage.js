// Loaded into n8n with `node --require`. While it runs, the test writes into the file that SABOTAGE
// names what is wrong with the machine: `{"clockOff": milliseconds, "isSealed": boolean}`.

const crypto = require('node:crypto');
const { readFileSync } = require('node:fs');

const file = process.env.SABOTAGE;
const LOOK_EVERY_MS = 50;

let clockOff = 0;
let isSealed = false;

function look() {
  try {
    ({ clockOff, isSealed } = JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // It is not there yet, or just being written.
  }
}

/** The clock of this process is off. */
function moveClock() {
  const RealDate = Date;
  // Kept, because somebody may set `Date.now`, which then sets that of the real one.
  const realNow = Date.now;
  const now = () => realNow() + clockOff;
  const MovedDate = new Proxy(RealDate, {
    construct: (target, values, newTarget) =>
      Reflect.construct(
        target,
        values.length === 0 ? [now()] : values,
        newTarget === MovedDate ? target : newTarget,
      ),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.Date = MovedDate;
}

/** n8n can't decrypt credentials, as if they or their key were in a vault that is sealed. */
function sealVault() {
  const { createDecipheriv } = crypto;
  crypto.createDecipheriv = (...args) => {
    if (isSealed) throw new Error('the vault is sealed');
    return createDecipheriv(...args);
  };
}

if (file) {
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  moveClock();
  sealVault();
}
