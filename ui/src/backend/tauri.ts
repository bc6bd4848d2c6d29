// The real host: the program this window belongs to.

import { type Backend, CommandError } from "./backend";
import { commands, events, type CommandError as Refusal } from "./bindings";
import { unpacked } from "./sight";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Refusal };

async function done<T>(answer: Promise<Answer<T>>): Promise<T> {
  const result = await answer;
  // What is not worded by the till, such as a command this window may not call, is no word to the cashier.
  if (result.status === "error") throw result.error.message ? new CommandError(result.error.message) : new Error();
  return result.data;
}

async function finished(answer: Promise<Answer<unknown>>): Promise<void> {
  await done(answer);
}

/** No picture of a phone's screen is larger; the till says of a larger one that it is. */
const PICTURE_BYTES_MAX = 24 * 1024 * 1024 + 1;

function base64(file: Blob): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,?/, ""));
    reader.onerror = () => failed(new Error());
    reader.readAsDataURL(file.slice(0, PICTURE_BYTES_MAX));
  });
}

export const tauri: Backend = {
  press: (key) => finished(commands.press(key)),
  scan: (text, undo, ageMs) => done(commands.scan(text, undo, ageMs)),
  tryScan: (text) => finished(commands.tryScan(text)),
  testScanners: (open) => finished(commands.testScanners(open)),
  ports: () => done(commands.ports()),
  choosePort: (id, choice) => done(commands.choosePort(id, choice)),
  scanPicture: async (file) => finished(commands.scanPicture(await base64(file))),
  scanClipboard: () => finished(commands.scanClipboard()),
  tillView: () => done(commands.tillView()),
  displayView: () => done(commands.displayView()),
  onTill: (tell) => events.tillChanged.listen((event) => tell(event.payload)),
  onDisplay: (tell) => events.displayChanged.listen((event) => tell(event.payload)),
  desk: () => done(commands.desk()),
  deskAct: (payment, act) => done(commands.deskAct(payment, act)),
  deskSettle: (payment, act, reason, pin) => done(commands.deskSettle(payment, act, reason, pin)),
  setPin: (old, wanted) => finished(commands.setPin(old, wanted)),
  confirmClock: (pin) => finished(commands.confirmClock(pin)),
  history: (filter) => done(commands.history(filter)),
  sale: (id) => done(commands.sale(id)),
  lastReceipt: () => done(commands.lastReceipt()),
  reprint: (id) => done(commands.reprint(id)),
  dayReport: (date) => done(commands.dayReport(date)),
  exportReport: (date) => done(commands.exportReport(date)),
  saveEvidence: (id) => done(commands.saveEvidence(id)),
  settings: () => done(commands.settings()),
  changeSetting: (change) => done(commands.changeSetting(change)),
  importProvider: (text, passphrase, pin) => done(commands.importProvider(text, passphrase, pin)),
  testProvider: () => done(commands.testProvider()),
  health: () => done(commands.health()),
  cameras: () => done(commands.cameras()),
  // Sent as bytes, whatever the generated type says.
  cameraSight: async (after) => unpacked((await done(commands.cameraSight(after))) as unknown as ArrayBuffer),
  wallet: () => done(commands.wallet()),
  changeWallet: (change) => done(commands.changeWallet(change)),
  openWallet: () => finished(commands.openWallet()),
  openDisplay: () => finished(commands.openDisplay()),
  startTrouble: () => done(commands.startTrouble()),
  restore: () => done(commands.restore()),
  startAgain: () => finished(commands.startAgain()),
  ready: () => finished(commands.ready()),
};
