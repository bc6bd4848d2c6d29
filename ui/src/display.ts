import { mount } from "svelte";
import DisplayPage from "./pages/DisplayPage.svelte";
import { quiet } from "./shell/quiet";
import "./styles/base.css";

quiet(window);
mount(DisplayPage, { target: document.getElementById("app")! });
