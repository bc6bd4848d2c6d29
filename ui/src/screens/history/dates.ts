// Business dates as the calendar counts them, written `2026-11-21`. No clock and no time zone is asked.

export type Period = "today" | "yesterday" | "week" | "month" | "all" | "own";

const EVER = { from: "2000-01-01", to: "2099-12-31" };

/** The date `days` later, or earlier when negative. */
export function addDays(date: string, days: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map((part) => parseInt(part, 10));
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
}

/** What a period means on `today`; null for today itself, which the till knows best. */
export function datesOf(period: Exclude<Period, "own">, today: string): { from: string; to: string } | null {
  switch (period) {
    case "today":
      return null;
    case "yesterday":
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case "week":
      return { from: addDays(today, -6), to: today };
    case "month":
      return { from: addDays(today, -29), to: today };
    case "all":
      return EVER;
  }
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text;
}
