using System.Text;
using System.Text.Json;

namespace Modular.Kernel;

/// <summary>Reads the values of a kind's selectable fields out of encoded objects, without building a tree.</summary>
internal sealed class SelectableFieldReader
{
    private readonly SelectableField[] _fields;
    private readonly Step _root = new();

    public SelectableFieldReader(IReadOnlyList<SelectableField> fields)
    {
        _fields = [.. fields];
        for (var i = 0; i < _fields.Length; i++)
        {
            _root.Add(_fields[i].JsonPath.Length > 0 ? _fields[i].JsonPath : _fields[i].Path, i);
        }
    }

    /// <summary>The values, in the order of the fields; an absent one has its default.</summary>
    public string[] Read(ReadOnlySpan<byte> body)
    {
        if (_fields.Length == 0)
        {
            return [];
        }

        var values = new string[_fields.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _fields[i].Default;
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        ReadObject(ref reader, _root, values);
        return values;
    }

    private static void ReadObject(ref Utf8JsonReader reader, Step step, string[] values)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = step.Find(ref reader);
            reader.Read();
            if (child is null)
            {
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadObject(ref reader, child, values);
            }
            else
            {
                child.Take(ref reader, values);
                reader.Skip();
            }
        }
    }

    /// <summary>The fields below one member of an object.</summary>
    private sealed class Step
    {
        private readonly List<(byte[] Name, Step Step)> _children = [];
        private int _field = -1;
        private string _last = "";

        public void Add(string path, int field)
        {
            var dot = path.IndexOf('.');
            var name = Encoding.UTF8.GetBytes(dot < 0 ? path : path[..dot]);
            var child = _children.Find(c => c.Name.AsSpan().SequenceEqual(name)).Step;
            if (child is null)
            {
                child = new Step();
                _children.Add((name, child));
            }

            if (dot < 0)
            {
                child._field = field;
            }
            else
            {
                child.Add(path[(dot + 1)..], field);
            }
        }

        public Step? Find(ref Utf8JsonReader reader)
        {
            foreach (var (name, step) in _children)
            {
                if (reader.ValueTextEquals(name))
                {
                    return step;
                }
            }

            return null;
        }

        public void Take(ref Utf8JsonReader reader, string[] values)
        {
            if (_field < 0)
            {
                return;
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    // Most objects have the value of the one before: they share its string. Others may read beside, and exchange it.
                    var last = _last;
                    values[_field] = reader.ValueTextEquals(last) ? last : _last = reader.GetString()!;
                    break;
                case JsonTokenType.Number:
                    values[_field] = Encoding.UTF8.GetString(reader.ValueSpan);
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    values[_field] = reader.TokenType == JsonTokenType.True ? "true" : "false";
                    break;
            }
        }
    }
}
