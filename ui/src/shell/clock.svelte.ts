// The time for what is counted on the screen: seconds left, seconds gone, the clock on the bar.

let now = $state(performance.now());
let wall = $state(new Date());

setInterval(() => {
  now = performance.now();
  wall = new Date();
}, 250);

export const clock = {
  /** On the clock of `performance.now()`. */
  get now(): number {
    return now;
  },

  /** The time of day in the shop's zone, `14:32`. */
  timeIn(zone: string): string {
    return new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: false }).format(wall);
  },

  /** The date in the shop's zone by the computer's clock, `2026-11-21`. */
  dateIn(zone: string): string {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(wall);
  },
};
