// The marks, drawn on a 24 by 24 grid as strokes.

export const icons = {
  keypad: "M5 5h.01M12 5h.01M19 5h.01M5 12h.01M12 12h.01M19 12h.01M5 19h.01M12 19h.01M19 19h.01",
  attention: "M12 3 2.5 20h19L12 3zM12 10v4.5M12 17.3h.01",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v.01M14 20h.01M20 17.5V20h-2.5",
  cash: "M2.5 6.5h19v11h-19zM12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM6 12h.01M18 12h.01",
  sending: "M4 12h13M12 6l6 6-6 6",
  phone: "M7 2.5h10v19H7zM10.5 18.5h3M9.7 11.5h4.6v3.6H9.7zM10.6 11.5V10a1.4 1.4 0 0 1 2.8 0v1.5",
  tick: "M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19zM7.5 12.4l3.1 3.1 6-6.6",
  cross: "M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM8.5 8.5l7 7M15.5 8.5l-7 7",
  question: "M12 1.8 22.2 12 12 22.2 1.8 12zM9.6 9.7a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2 1-1.2 1.9M12 16.4h.01",
  returned: "M9 5 4 10l5 5M4 10h10.5a5.5 5.5 0 0 1 0 11H9",
  enter: "M19 5v6.5a3 3 0 0 1-3 3H5M9.5 10 5 14.5 9.5 19",
  backspace: "M8 5h13v14H8l-6-7zM11.5 9.5l5 5M16.5 9.5l-5 5",
  soundOn: "M3 9.5v5h4l5 4v-13l-5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  soundOff: "M3 9.5v5h4l5 4v-13l-5 4zM15.5 9.5l5 5M20.5 9.5l-5 5",
  offline: "M2.5 8.5a15 15 0 0 1 19 0M6 12.3a9.5 9.5 0 0 1 12 0M9.3 16a4.4 4.4 0 0 1 5.4 0M12 19.5h.01M4 3l16 18",
  history: "M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3.5 8.3M3.5 3.5v4.8h4.8M12 7.5V12l3 2",
  report: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  settings: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4M4 12h1M9 12h11M7 10v4",
  health: "M3 12h4l2.5-6 4 12 2.5-6h5",
  wallet: "M3 6.5h15v3M3 6.5v12h18v-9H5.5a2.5 2.5 0 0 1-2.5-3zM17 14h.01",
  camera: "M3 7.5h4l1.5-2.5h7L17 7.5h4v12H3zM12 10a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z",
  display: "M3 4h18v12H3zM12 16v4M8 20h8",
} as const;

export type IconName = keyof typeof icons;
