package telegramtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	maxBody     = 52 << 20 // an upload of 50 MB and its form
	maxPhoto    = 10 << 20
	maxDownload = 20 << 20
)

// upload is a file that came in with a call, or that a person sent.
type upload struct {
	name string
	mime string
	data []byte
}

// files of a multipart call, by the name of their field.
type files map[string]*upload

// stored is a file that the service keeps. Its size may be more than there is content.
type stored struct {
	*upload
	kind   string
	id     string
	unique string
	path   string
	size   int64
	fields map[string]any // what the API tells of such a file, beside its ids and size
}

// attachable are the kinds of message that carry a file; captioned those that may have a caption.
var (
	attachable = []string{"photo", "document", "voice", "audio", "video", "animation", "video_note", "sticker"}
	captioned  = []string{"photo", "document", "voice", "audio", "video", "animation"}
)

// folders and endings of file paths, as the service makes them.
var folders = map[string][2]string{"photo": {"photos", ".jpg"}, "document": {"documents", ""}, "voice": {"voice", ".oga"}, "audio": {"music", ".mp3"},
	"video": {"videos", ".mp4"}, "animation": {"animations", ".mp4"}, "video_note": {"video_notes", ".mp4"}, "sticker": {"stickers", ".webp"}}

// describe are the fields that a kind of file has beside its ids and size.
func describe(kind string, up *upload) map[string]any {
	o := map[string]any{}
	set := func(list ...any) {
		for i := 0; i+1 < len(list); i += 2 {
			o[list[i].(string)] = list[i+1]
		}
	}
	mime := func(usual string) string {
		if up.mime == "" {
			up.mime = usual
		}
		return up.mime
	}
	switch kind {
	case "photo":
		mime("image/jpeg")
		set("width", 800, "height", 450)
	case "document":
		set("mime_type", mime("application/octet-stream"))
	case "voice":
		set("duration", 3, "mime_type", mime("audio/ogg"))
	case "audio":
		set("duration", 3, "mime_type", mime("audio/mpeg"))
	case "video", "animation":
		set("width", 640, "height", 360, "duration", 3, "mime_type", mime("video/mp4"))
	case "video_note":
		mime("video/mp4")
		set("length", 240, "duration", 3)
	case "sticker":
		mime("image/webp")
		set("type", "regular", "width", 512, "height", 512, "is_animated", false, "is_video", false, "emoji", "👍")
	}
	if up.name != "" && slices.Contains([]string{"document", "audio", "video", "animation"}, kind) {
		o["file_name"] = up.name
	}
	return o
}

// keep stores a file. The caller holds the lock.
func (s *Server) keep(kind string, up *upload, size int64) *stored {
	n := len(s.paths) + 1
	ending := folders[kind][1]
	if ending == "" {
		ending = path.Ext(up.name)
	}
	f := &stored{upload: up, kind: kind, id: fmt.Sprintf("AgACAgQAAxkB%s%06d", strings.ReplaceAll(kind, "_", "-"), n), unique: fmt.Sprintf("AQAD%06d", n),
		path: fmt.Sprintf("%s/file_%d%s", folders[kind][0], n, ending), size: max(size, int64(len(up.data))), fields: describe(kind, up)}
	s.stored[f.id], s.paths[f.path] = f, f
	return f
}

// object is a file as a message carries it. A photo comes in two sizes, the larger last.
func (f *stored) object() any {
	o := map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size}
	for k, v := range f.fields {
		o[k] = v
	}
	if f.kind != "photo" {
		return o
	}
	small := map[string]any{"file_id": f.id + "s", "file_unique_id": f.unique + "s", "file_size": min(f.size, 1024), "width": 90, "height": 51}
	return []any{small, o}
}

// find finds a stored file, also by the id of its small size.
func (s *Server) find(id string) *stored {
	if f := s.stored[id]; f != nil {
		return f
	}
	if f := s.stored[strings.TrimSuffix(id, "s")]; f != nil && f.kind == "photo" {
		return f
	}
	return nil
}

func (s *Server) getFile(p params, _ files) (any, error) {
	f := s.find(p["file_id"])
	switch {
	case f == nil:
		return nil, bad("invalid file_id")
	case f.size > maxDownload:
		return nil, bad("file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_path": f.path}, nil
}

// download answers GET /file/bot<token>/<path>.
func (s *Server) download(w http.ResponseWriter, r *http.Request, rest string) {
	token, where, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	f := s.paths[where]
	s.calls["download"]++
	s.mu.Unlock()
	switch {
	case token != s.opt.Token:
		s.answer(w, "", nil, s.refuse("/file/"+where, "", &refusal{code: 401, text: "Unauthorized"}))
	case r.Method != http.MethodGet:
		s.answer(w, "", nil, s.refuse("/file/"+where, "", &refusal{code: 405, text: "Method Not Allowed: download files by GET"}))
	case f == nil || f.size > maxDownload:
		s.answer(w, "", nil, s.refuse("/file/"+where, "", &refusal{code: 404, text: "Not Found"}))
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(f.data)
	}
}

// attached tells whether a parameter names an uploaded file as attach://name.
func attached(p params, name string) bool {
	for _, v := range p {
		if v == "attach://"+name {
			return true
		}
	}
	return false
}

// given finds the file of a call: uploaded with it, or kept already.
func (s *Server) given(kind string, p params, up files) (*stored, error) {
	file := up[kind]
	if name, ok := strings.CutPrefix(p[kind], "attach://"); ok {
		file = up[name]
	}
	switch {
	case file != nil && len(file.data) == 0:
		return nil, bad("file must be non-empty")
	case file != nil && kind == "photo" && len(file.data) > maxPhoto:
		return nil, bad("file of size %d bytes is too big for a photo", len(file.data))
	case file != nil:
		return s.keep(kind, file, 0), nil
	case strings.HasPrefix(p[kind], "http://"), strings.HasPrefix(p[kind], "https://"):
		return nil, bad("files from elsewhere are not supported by the fake")
	}
	f := s.find(p[kind])
	switch {
	case f == nil:
		return nil, bad("wrong file identifier/HTTP URL specified")
	case f.kind != kind:
		return nil, bad("type of file mismatch")
	}
	return f, nil
}

// sendFile sends a file of a kind.
func (s *Server) sendFile(kind string, p params, up files) (any, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	m := &message{kind: kind}
	if m.text, m.entities, err = caption(p); err != nil {
		return nil, err
	}
	if m.rows, m.markup, err = keyboard(p["reply_markup"]); err != nil {
		return nil, err
	}
	f, err := s.given(kind, p, up)
	if err != nil {
		return nil, err
	}
	m.file, m.extra = f.upload, map[string]any{kind: f.object()}
	if err := s.send(c, m, p); err != nil {
		return nil, err
	}
	return c.message(m), nil
}

func (s *Server) sendPhoto(p params, up files) (any, error)    { return s.sendFile("photo", p, up) }
func (s *Server) sendDocument(p params, up files) (any, error) { return s.sendFile("document", p, up) }
func (s *Server) sendVoice(p params, up files) (any, error)    { return s.sendFile("voice", p, up) }
func (s *Server) sendAudio(p params, up files) (any, error)    { return s.sendFile("audio", p, up) }
func (s *Server) sendVideo(p params, up files) (any, error)    { return s.sendFile("video", p, up) }
func (s *Server) sendAnimation(p params, up files) (any, error) {
	return s.sendFile("animation", p, up)
}
func (s *Server) sendVideoNote(p params, up files) (any, error) {
	return s.sendFile("video_note", p, up)
}
func (s *Server) sendSticker(p params, up files) (any, error) { return s.sendFile("sticker", p, up) }

// sendContent sends what is no file.
func (s *Server) sendContent(kind string, p params, content map[string]any) (any, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	m := &message{kind: kind, extra: map[string]any{kind: content}}
	if kind == "venue" {
		m.extra["location"] = content["location"]
	}
	if m.rows, m.markup, err = keyboard(p["reply_markup"]); err != nil {
		return nil, err
	}
	if err := s.send(c, m, p); err != nil {
		return nil, err
	}
	return c.message(m), nil
}

func (p params) place() (map[string]any, error) {
	lat, _ := strconv.ParseFloat(p["latitude"], 64)
	lon, _ := strconv.ParseFloat(p["longitude"], 64)
	if !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) {
		return nil, bad("invalid location specified")
	}
	return map[string]any{"latitude": lat, "longitude": lon}, nil
}

func (s *Server) sendLocation(p params, _ files) (any, error) {
	if p["live_period"] != "" {
		return nil, bad("live_period is not supported by the fake")
	}
	place, err := p.place()
	if err != nil {
		return nil, err
	}
	return s.sendContent("location", p, place)
}

func (s *Server) sendVenue(p params, _ files) (any, error) {
	place, err := p.place()
	if err != nil {
		return nil, err
	}
	return s.sendContent("venue", p, map[string]any{"location": place, "title": p["title"], "address": p["address"]})
}

func (s *Server) sendContact(p params, _ files) (any, error) {
	o := map[string]any{"phone_number": p["phone_number"], "first_name": p["first_name"]}
	for _, name := range []string{"last_name", "vcard"} {
		if p[name] != "" {
			o[name] = p[name]
		}
	}
	return s.sendContent("contact", p, o)
}

// Holds tells whether a piece of text stands anywhere in a message: in its text, its links, the labels, data and
// addresses of its buttons, the name or content of its file, or what else it carries.
func (v View) Holds(piece string) bool {
	if strings.Contains(v.Text, piece) || strings.Contains(v.FileName, piece) || strings.Contains(string(v.File), piece) {
		return true
	}
	for _, e := range v.Entities {
		if strings.Contains(e.URL, piece) || e.User != nil && (strings.Contains(fmt.Sprint(*e.User), piece)) {
			return true
		}
	}
	for _, b := range v.Buttons() {
		if strings.Contains(b.Text, piece) || strings.Contains(b.Data, piece) || strings.Contains(b.URL, piece) {
			return true
		}
	}
	return contains(v.Content, piece)
}

// contains looks for a piece in decoded JSON, keys left aside.
func contains(v any, piece string) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if contains(e, piece) {
				return true
			}
		}
		return false
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return contains(e, piece) })
	case string:
		return strings.Contains(v, piece)
	}
	b, _ := json.Marshal(v)
	return strings.Contains(string(b), piece)
}
