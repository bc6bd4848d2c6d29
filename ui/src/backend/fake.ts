// A till made up in the browser, so that every screen can be seen and played without the program.
//
// `?state=inDoubt&lang=en&training=no&offline` starts in a state; keys and scans then play on. It stands for the
// program, so it may work things out; no screen may.

import type { Backend, CounterView, DisplayState, DisplayView, Key, MessageView, MethodView, TillView, WalletChange, WalletView } from "./backend";
import { CommandError } from "./backend";
import { FakeDesk } from "./fakeDesk";
import { fakeDevices, fakePorts, fakeTested } from "./fakeDevices";
import { fakeSight } from "./fakeSight";
import { fakeHealth, fakeHistory, fakeReport, fakeSale, fakeSettings, fakeWallet, said } from "./fakeRecords";
import { alarmsOf, DUE, noCodesOf, startTroubleOf, STATES } from "./fakeStates";

const LAUNCH_MS = 900;
const FAKE_CODE = "134567890123456789";

class FakeTill {
  view: TillView;
  wallet: WalletView = fakeWallet();
  desk: FakeDesk;
  #listeners = new Set<(view: TillView) => void>();
  #displays = new Set<(view: DisplayView) => void>();
  #serial = 0;
  #cameraOn = false;
  #later = 0;

  constructor(query: URLSearchParams) {
    const settings = fakeSettings();
    this.desk = new FakeDesk(query);
    this.view = {
      shopName: query.get("shop") ?? settings.shopName,
      tillName: settings.tillName,
      training: query.get("training") !== "no",
      language: query.get("lang") === "en" ? "en" : "zh-CN",
      zone: settings.zone,
      online: !query.has("offline"),
      providerReady: !query.has("bare"),
      inDoubt: Number(query.get("doubts") ?? this.desk.count),
      alarms: alarmsOf(query),
      noCodes: noCodesOf(query),
      counter: STATES[query.get("state") ?? "idle"] ?? STATES["idle"]!,
      notice: null,
      devices: fakeDevices(query),
      camera: "off",
    };
    this.#cameraOn = query.has("camera");
    this.view = { ...this.view, camera: this.#camera() };
    if (query.has("notice")) this.view = { ...this.view, notice: this.#notice(NOTICES.amountFirst) };
    if (query.has("asking")) this.wallet = { ...this.wallet, asking: { amount: DUE, merchant: settings.shopName, secondsLeft: 31 } };
    if (query.has("phone")) this.wallet = withPhone(this.wallet, true);
  }

  listen(tell: (view: TillView) => void): () => void {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }

  watch(tell: (view: DisplayView) => void): () => void {
    this.#displays.add(tell);
    return () => this.#displays.delete(tell);
  }

  press(key: Key): void {
    clearTimeout(this.#later);
    const digit = /^digit([0-9])$/.exec(key)?.[1] ?? (key === "doubleZero" ? "00" : null);
    const counter = this.view.counter;
    switch (counter.state) {
      case "idle":
      case "captured":
        if (digit !== null && digit !== "00") return this.#type(digit === "0" ? "0" : digit);
        if (counter.state === "captured") return this.#go({ state: "idle" });
        return key === "enter" || key === "cash" ? this.#refuse(NOTICES.amountFirst) : undefined;
      case "entering":
        return this.#enterAmount(counter.text, key, digit);
      case "confirming":
        if (key === "enter") return this.#go({ state: "armed", due: counter.due });
        return key === "escape" ? this.#type(counter.due) : undefined;
      case "armed":
        if (key === "cash") return this.#go({ state: "cash", due: counter.due, given: "", change: null });
        return key === "escape" ? this.#type(counter.due) : undefined;
      case "cash":
        return this.#takeCash(counter, key, digit);
      case "declined":
        if (key === "enter") return this.#go({ state: "armed", due: counter.due });
        return key === "escape" ? this.#type(counter.due) : undefined;
      case "reversed":
        return this.#go({ state: "idle" });
      case "awaitingPayer":
        if (digit === "3") return this.#go({ state: "idle" });
        return key === "escape" ? this.#go({ state: "reversed", due: counter.due, method: counter.method }) : undefined;
      case "inDoubt":
        return this.#decide(counter, key, digit);
      case "charging":
        return;
    }
  }

  #decide(counter: Extract<CounterView, { state: "inDoubt" }>, key: Key, digit: string | null): void {
    if (counter.confirming) {
      if (key === "enter") return this.#go({ state: "reversed", due: counter.due, method: counter.method });
      return this.#go({ ...counter, confirming: false });
    }
    if (digit === "3") return this.#go({ state: "idle" });
    if (digit === "2" && counter.reverseInMs === 0) return this.#go({ ...counter, confirming: true });
    if (digit === "1" || (counter.doing === "paidLate" && key === "enter")) return this.#capture(counter.due, counter.method);
  }

  /** The desk has changed, and the badge with it. */
  count(): void {
    this.#tell({ ...this.view, inDoubt: this.desk.count });
  }

  scan(text: string): void {
    const counter = this.view.counter;
    if (text === "") return this.#refuse(NOTICES.brokenScan);
    if (counter.state !== "armed") return this.#refuse(NOTICES.amountFirst);
    const method: MethodView = text.startsWith("2") ? "alipay" : "wechatPay";
    this.#go({ state: "charging", due: counter.due, method, elapsedMs: 0 });
    this.#later = window.setTimeout(() => this.#capture(counter.due, method), LAUNCH_MS);
  }

  test(open: boolean): void {
    this.#tell({ ...this.view, devices: { ...this.view.devices, testing: open, tested: null } });
  }

  tryScan(text: string): void {
    const { devices } = this.view;
    this.#tell({ ...this.view, devices: { ...devices, tested: fakeTested(text, devices.tested) } });
  }

  change(change: WalletChange): void {
    const wallet = this.wallet;
    switch (change.change) {
      case "balance":
        return void (this.wallet = { ...wallet, balance: change.value });
      case "passwordFrom":
        return void (this.wallet = { ...wallet, passwordFrom: change.value });
      case "behaviour":
        return void (this.wallet = { ...wallet, behaviour: change.value });
      case "trouble":
        return void (this.wallet = { ...wallet, trouble: change.value });
      case "password":
        return void (this.wallet = { ...wallet, asking: null });
      case "phone":
        return void (this.wallet = withPhone(wallet, change.value));
    }
  }

  /** The clock is confirmed. */
  calm(): void {
    this.#tell({ ...this.view, alarms: this.view.alarms.filter((alarm) => !alarm.code.startsWith("T-")) });
  }

  speak(language: TillView["language"]): void {
    this.#go(this.view.counter, { language });
  }

  display(): DisplayView {
    const counter = this.view.counter;
    return {
      shopName: this.view.shopName,
      training: this.view.training,
      language: this.view.language,
      state: displayState(counter),
      takesCodes: this.view.noCodes === null,
      online: this.view.online,
      amount: counter.state === "idle" ? null : counter.state === "entering" ? yuan(counter.text) : counter.due,
      change: counter.state === "captured" ? counter.change : null,
    };
  }

  #enterAmount(text: string, key: Key, digit: string | null): void {
    if (key === "backspace") return text.length === 1 ? this.#go({ state: "idle" }) : this.#type(text.slice(0, -1));
    if (key === "clear" || key === "escape") return this.#go({ state: "idle" });
    if (key === "cash") return this.#go({ state: "cash", due: yuan(text), given: "", change: null });
    if (key === "enter") {
      const due = yuan(text);
      const large = fen(due) >= 100_000n;
      return this.#go(large ? { state: "confirming", due, words: "壹仟贰佰捌拾元整" } : { state: "armed", due });
    }
    const more = text + (key === "point" ? "." : (digit ?? ""));
    return /^\d{1,8}(\.\d{0,2})?$/.test(more) && more !== "00" ? this.#type(more) : this.#refuse(NOTICES.badAmount);
  }

  #takeCash(counter: Extract<CounterView, { state: "cash" }>, key: Key, digit: string | null): void {
    if (key === "escape") return this.#type(counter.due);
    if (key === "enter") {
      const given = counter.given === "" ? counter.due : yuan(counter.given);
      if (fen(given) < fen(counter.due)) return this.#refuse(NOTICES.notEnough);
      return this.#go({ ...STATES["capturedCash"], due: counter.due, given, change: less(given, counter.due) } as CounterView);
    }
    const given = key === "backspace" ? counter.given.slice(0, -1) : key === "clear" ? "" : counter.given + (key === "point" ? "." : (digit ?? ""));
    const enough = given !== "" && fen(yuan(given)) >= fen(counter.due);
    this.#go({ ...counter, given, change: enough ? less(yuan(given), counter.due) : null });
  }

  #capture(due: string, method: MethodView): void {
    this.#go({ state: "captured", due, method, sale: "S24", receiptNo: "01-0042", given: null, change: null });
  }

  #type(text: string): void {
    this.#go({ state: "entering", text });
  }

  #notice(message: MessageView): TillView["notice"] {
    this.#serial += 1;
    return { serial: this.#serial, refusal: true, message };
  }

  #refuse(message: MessageView): void {
    this.#tell({ ...this.view, notice: this.#notice(message) });
  }

  #go(counter: CounterView, more: Partial<TillView> = {}): void {
    this.#tell({ ...this.view, ...more, counter, notice: null });
  }

  switchCamera(on: boolean): void {
    this.#cameraOn = on;
    this.#tell(this.view);
  }

  #camera(): TillView["camera"] {
    if (!this.#cameraOn) return "off";
    return this.view.counter.state === "armed" && this.view.noCodes === null ? "looking" : "resting";
  }

  #tell(view: TillView): void {
    this.view = view;
    this.view = view = { ...view, camera: this.#camera() };
    for (const tell of this.#listeners) tell(view);
    for (const tell of this.#displays) tell(this.display());
  }
}

const NOTICES = {
  amountFirst: said("K-03", "请先输入金额，再扫付款码。没有收款", "Enter the amount first, then scan. Nothing was charged"),
  badAmount: said("K-01", "金额最多两位小数、八位整数", "At most two decimals and eight digits"),
  brokenScan: said("K-05", "扫码没有读完整，请再扫一次。没有收款", "The scan was cut short, please scan again. Nothing was charged"),
  notEnough: said("K-07", "所付现金少于应收金额", "The cash given is less than the amount due"),
};

export function fakeTill(search: string): Backend {
  const query = new URLSearchParams(search);
  const till = new FakeTill(query);
  let settings = { ...fakeSettings(), training: till.view.training, language: till.view.language };
  let ports = fakePorts(query);

  return {
    press: async (key) => till.press(key),
    scanPicture: async () => till.scan(FAKE_CODE),
    scanClipboard: async () => till.scan(FAKE_CODE),
    tryScan: async (text) => till.tryScan(text),
    testScanners: async (open) => till.test(open),
    ports: async () => ports,
    choosePort: async (id, choice) => (ports = ports.map((port) => (port.id === id ? { ...port, choice } : port))),
    scan: async (text) => {
      if (text.startsWith("01-")) return "S41";
      till.scan(text);
      return null;
    },
    tillView: async () => {
      const trouble = startTroubleOf(query);
      if (trouble !== null) throw new CommandError(trouble.message);
      return till.view;
    },
    displayView: async () => till.display(),
    onTill: async (tell) => till.listen(tell),
    onDisplay: async (tell) => till.watch(tell),
    desk: async () => till.desk.view(till.view.online),
    deskAct: async (payment, act) => {
      till.desk.act(payment, act);
      till.count();
      return till.desk.view(till.view.online);
    },
    deskSettle: async (payment, _act, reason, pin) => {
      till.desk.settle(payment, reason, pin);
      till.count();
      return till.desk.view(till.view.online);
    },
    setPin: async (old, wanted) => till.desk.setPin(old, wanted),
    confirmClock: async (pin) => {
      till.desk.check(pin);
      till.calm();
    },
    history: (filter) => (query.has("checking") ? new Promise(() => {}) : Promise.resolve(fakeHistory(filter, query.has("empty")))),
    sale: async (id) => fakeSale(id),
    lastReceipt: async () => "S41",
    reprint: async (id) => ({ ...fakeSale(id), reprints: 2 }),
    dayReport: (date) => (query.has("checking") ? new Promise(() => {}) : Promise.resolve(fakeReport(date, query.has("empty")))),
    exportReport: async () => "/home/shop/Guitai/2026-11-21.csv",
    saveEvidence: async (id) => `/home/shop/Guitai/guitai-training-${id}.evidence.json`,
    settings: async () => (query.has("bare") ? { ...settings, provider: null } : settings),
    changeSetting: async (change) => {
      if (change.setting === "shopName" && change.value.trim() === "") {
        throw new CommandError(said("S-01", "店名要有 1 到 32 个字，旧店名没有变", "A shop name has 1 to 32 characters; the old one stays"));
      }
      settings = { ...settings, [change.setting]: change.value };
      if (change.setting === "cameraOn") till.switchCamera(change.value);
      if (change.setting === "language") till.speak(change.value);
      return settings;
    },
    importProvider: async (text) => {
      if (text.length < 20) throw new CommandError(said("S-07", "这不是柜台的设置文件，请把文件内容完整粘贴", "This is no settings file; paste the whole text"));
      return settings;
    },
    testProvider: async () => ({
      passed: true,
      message: said("S-10", "商户号、密钥和证书都有效，时钟一致", "Merchant number, key and certificate are valid and the clock agrees"),
      tookMs: 412,
    }),
    health: async () => fakeHealth(),
    cameras: async () => [{ id: "camera:046d:0825:usb-1-2", name: "HD Webcam C270" }],
    cameraSight: fakeSight(query),
    wallet: async () => till.wallet,
    changeWallet: async (change) => {
      till.change(change);
      return till.wallet;
    },
    openWallet: async () => void window.open("wallet.html?fake"),
    openDisplay: async () => void window.open("display.html?fake"),
    startTrouble: async () => startTroubleOf(query),
    restore: async () => startTroubleOf(query)!.offer!.found,
    startAgain: async () => location.assign("?fake"),
    ready: async () => {},
  };
}

function withPhone(wallet: WalletView, on: boolean): WalletView {
  return { ...wallet, phoneUrl: on ? "http://192.168.1.20:8420/w/7QK4" : null, phoneQrSvg: on ? wallet.qrSvg : null };
}

function displayState(counter: CounterView): DisplayState {
  return counter.state === "confirming" ? "entering" : counter.state;
}

/** `12.5` as `12.50`. */
function yuan(text: string): string {
  const [whole = "0", cents = ""] = text.split(".");
  return `${whole === "" ? "0" : whole}.${cents.padEnd(2, "0")}`;
}

function fen(amount: string): bigint {
  return BigInt(amount.replace(".", ""));
}

function less(given: string, due: string): string {
  const digits = String(fen(given) - fen(due)).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
