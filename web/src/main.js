import "./style.css";
document.body.append("x");
