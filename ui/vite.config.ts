import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// Three windows, three pages. Nothing is inlined: the content security policy allows files only.
export default defineConfig({
  plugins: [svelte()],
  base: "./",
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    target: ["chrome120", "safari17"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { till: "index.html", display: "display.html", wallet: "wallet.html" },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
