// Formgrader saves what was typed over whatever is there. Here it looks first, and asks where somebody else was faster.
(() => {
  if (!window.Grade || !window.Comment) { return; }
  const FIELDS = ["manual_score", "extra_credit", "manual_comment"];
  const given = (data) => FIELDS.filter((field) => (data[field] ?? "") !== "").map((field) => `${data[field]}`).join("\n");
  const question = (theirs) => "Since you opened this page, somebody else saved here:\n\n"
    + `${theirs || "nothing: what was given is taken back"}\n\nOK puts yours in its place. Cancel keeps theirs, and shows it.`;
  for (const Model of [window.Grade, window.Comment]) {
    const sync = Model.prototype.sync;
    Model.prototype.parse = function (data) {
      this.seen = given(data);
      return data;
    };
    Model.prototype.sync = function (method, model, options) {
      if (method !== "update") { return sync.call(this, method, model, options); }
      const save = () => sync.call(model, method, model, options);
      const look = async () => {
        const now = new Model({ id: model.id });
        await now.fetch();
        if (now.seen === model.seen || window.confirm(question(now.seen))) { return save(); }
        model.seen = now.seen;
        model.set(now.attributes);
        model.trigger("sync", model);
      };
      // One after the other: the next one is to see what this one has saved. Without a server, saving says so.
      model.turn = Promise.resolve(model.turn).then(look).catch(save);
      return model.turn;
    };
  }
})();
