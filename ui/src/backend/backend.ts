// The one door between the screens and their host. Everything a screen can ask for or be told is here.

import type {
  CameraRow,
  DeskAct,
  DeskView,
  DisplayView,
  HealthView,
  HistoryFilter,
  HistoryView,
  Key,
  MessageView,
  PortChoice,
  PortView,
  ProviderTestView,
  ReportView,
  SaleView,
  SettingChange,
  SettingsView,
  StartTroubleView,
  TillView,
  WalletChange,
  WalletView,
} from "./bindings";
import type { Sight } from "./sight";

export type * from "./bindings";
export type { Sight, SightHint, SightWhy } from "./sight";

/** What a host says when something cannot be done, worded for the cashier. */
export class CommandError extends Error {
  constructor(readonly said: MessageView) {
    super(said.code);
  }
}

export type StopListening = () => void;

export interface Backend {
  press(key: Key): Promise<void>;
  /**
   * `undo` presses came from the same scan and are to be taken back. An empty text is a scan that broke off,
   * `ageMs` how long it has waited.
   * Answers with the sale to open, when the scan was one of this till's receipts.
   */
  scan(text: string, undo: number, ageMs: number): Promise<string | null>;
  /** What the test page saw a scanner in keyboard mode read; it is looked at and charges nothing. */
  tryScan(text: string): Promise<void>;
  /** While the test page is open no scan charges anything. */
  testScanners(open: boolean): Promise<void>;
  /** The ports a scanner may be on. */
  ports(): Promise<PortView[]>;
  choosePort(id: string, choice: PortChoice): Promise<PortView[]>;
  /** Charges the payment code in a picture that a customer sent. */
  scanPicture(file: Blob): Promise<void>;
  /** The same with the picture that the clipboard holds. */
  scanClipboard(): Promise<void>;
  tillView(): Promise<TillView>;
  displayView(): Promise<DisplayView>;
  onTill(tell: (view: TillView) => void): Promise<StopListening>;
  onDisplay(tell: (view: DisplayView) => void): Promise<StopListening>;
  /** What waits for the provider or for a person. */
  desk(): Promise<DeskView>;
  deskAct(payment: string, act: DeskAct): Promise<DeskView>;
  /** What only a manager may, with a reason. */
  deskSettle(payment: string, act: DeskAct, reason: string, pin: string): Promise<DeskView>;
  /** The first PIN needs no other before it. */
  setPin(old: string | null, wanted: string): Promise<void>;
  /** A manager says that the computer's clock is right. */
  confirmClock(pin: string): Promise<void>;
  history(filter: HistoryFilter): Promise<HistoryView>;
  sale(id: string): Promise<SaleView>;
  /** The sale completed last, if there is one. */
  lastReceipt(): Promise<string | null>;
  reprint(id: string): Promise<SaleView>;
  /** Without a date: the business day that is open. */
  dayReport(date: string | null): Promise<ReportView>;
  /** Answers with the path of the file that was written. */
  exportReport(date: string | null): Promise<string>;
  /** One sale as a file for a dispute, once the whole journal is proven. Answers with its path. */
  saveEvidence(id: string): Promise<string>;
  settings(): Promise<SettingsView>;
  changeSetting(change: SettingChange): Promise<SettingsView>;
  /** An empty text with a passphrase unlocks the settings that are stored. */
  importProvider(text: string, passphrase: string | null, pin: string | null): Promise<SettingsView>;
  testProvider(): Promise<ProviderTestView>;
  health(): Promise<HealthView>;
  /** The cameras that are plugged in. */
  cameras(): Promise<CameraRow[]>;
  /** What the camera sees, as soon as it is another sight than number `after`. */
  cameraSight(after: number): Promise<Sight>;
  wallet(): Promise<WalletView>;
  changeWallet(change: WalletChange): Promise<WalletView>;
  openWallet(): Promise<void>;
  openDisplay(): Promise<void>;
  /** Why the till did not start, and what could be restored; none where it runs. */
  startTrouble(): Promise<StartTroubleView | null>;
  /** Restores what was offered, and says what there is. */
  restore(): Promise<MessageView>;
  /** Ends the program and starts it anew. */
  startAgain(): Promise<void>;
  /** The cashier's screen is painted and takes keys. */
  ready(): Promise<void>;
}
