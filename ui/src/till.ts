import { mount } from "svelte";
import TillPage from "./pages/TillPage.svelte";
import { quiet } from "./shell/quiet";
import "./styles/base.css";

quiet(window);
mount(TillPage, { target: document.getElementById("app")! });
