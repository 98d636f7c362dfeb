/** What is drawn on a canvas has the theme's colours as numbers: it is drawn anew when the theme changes. */
import React from 'react';

const NAME = 'data-jp-theme-name';

/** Return the theme's name, and draw again with each other one, once its style sheet is there. */
export function useTheme(): string {
  const read = (): string => document.body.getAttribute(NAME) ?? '';
  const [theme, setTheme] = React.useState(read);
  React.useEffect(() => {
    let frame = 0;
    const watching = new MutationObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setTheme(read()));
    });
    watching.observe(document.body, { attributes: true, attributeFilter: [NAME] });
    return () => {
      cancelAnimationFrame(frame);
      watching.disconnect();
    };
  }, []);
  return theme;
}
