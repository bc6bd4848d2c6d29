import { mount } from "svelte";
import WalletPage from "./pages/WalletPage.svelte";
import { quiet } from "./shell/quiet";
import "./styles/base.css";

quiet(window);
mount(WalletPage, { target: document.getElementById("app")! });
