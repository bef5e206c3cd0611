using System.Text.Json;

namespace Modular.ApiMachinery;

/// <summary>Who writes: what tells one entry of managedFields from another, together with whether the fields were applied.</summary>
/// <param name="Manager">The name that the writer gives itself.</param>
/// <param name="ApiVersion">The version it writes in.</param>
/// <param name="Subresource">The subresource it writes through; empty for the object itself.</param>
public sealed record FieldWriter(string Manager, string ApiVersion, string Subresource = "");

/// <summary>The fields of one writer. What was read is parsed when somebody asks for it, and written as it was read.</summary>
internal sealed class ManagedFieldsEntry
{
    private readonly ReadOnlyMemory<byte> _utf8;
    private FieldSet? _fields;

    public ManagedFieldsEntry(FieldWriter writer, bool isApplied, string? time, FieldSet fields)
    {
        (Writer, IsApplied, Time, _fields) = (writer, isApplied, time, fields);
    }

    public ManagedFieldsEntry(FieldWriter writer, bool isApplied, string? time, ReadOnlyMemory<byte> utf8)
    {
        (Writer, IsApplied, Time, _utf8) = (writer, isApplied, time, utf8);
    }

    public FieldWriter Writer { get; }

    public bool IsApplied { get; }

    /// <summary>When it was written last, in the form the API has; null if that is not known.</summary>
    public string? Time { get; }

    public FieldSet Fields => _fields ??= FieldSetJson.ReadWritten(_utf8.Span);

    /// <summary>The fields of an entry that a client wrote.</summary>
    /// <exception cref="FormatException">They are no set.</exception>
    public FieldSet Parse() => FieldSetJson.Read(_utf8.Span);

    /// <summary>Whether entries of these two are one: versions do not matter to those who apply.</summary>
    public bool Is(FieldWriter writer, bool isApplied) =>
        IsApplied == isApplied
        && Writer.Manager == writer.Manager
        && Writer.Subresource == writer.Subresource
        && (isApplied || Writer.ApiVersion == writer.ApiVersion);

    public ManagedFieldsEntry With(FieldSet fields) =>
        ReferenceEquals(fields, _fields) ? this : new ManagedFieldsEntry(Writer, IsApplied, Time, fields);

    /// <summary>The same fields at another time.</summary>
    public ManagedFieldsEntry At(string? time) => _utf8.IsEmpty
        ? new ManagedFieldsEntry(Writer, IsApplied, time, Fields)
        : new ManagedFieldsEntry(Writer, IsApplied, time, _utf8) { _fields = _fields };

    /// <summary>This entry without some fields; null if none are left.</summary>
    public ManagedFieldsEntry? Without(FieldSet fields)
    {
        // Most entries have nothing to do with a change, which their bytes tell sooner than parsing them.
        if (_fields is null && !MayShare(_utf8.Span, fields))
        {
            return this;
        }

        var left = Fields.Difference(fields);
        return left.IsEmpty ? null : With(left);
    }

    public bool SameFields(ManagedFieldsEntry other) =>
        IsApplied == other.IsApplied
        && Writer == other.Writer
        && (!_utf8.IsEmpty && _utf8.Span.SequenceEqual(other._utf8.Span) || Fields.Equals(other.Fields));

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("manager"u8, Writer.Manager);
        writer.WriteString("operation"u8, IsApplied ? "Apply"u8 : "Update"u8);
        writer.WriteString("apiVersion"u8, Writer.ApiVersion);
        if (Time is { } time)
        {
            writer.WriteString("time"u8, time);
        }

        writer.WriteString("fieldsType"u8, "FieldsV1"u8);
        writer.WritePropertyName("fieldsV1"u8);
        if (_utf8.IsEmpty)
        {
            FieldSetJson.Write(writer, Fields);
        }
        else
        {
            writer.WriteRawValue(_utf8.Span, skipInputValidation: true);
        }

        if (Writer.Subresource.Length > 0)
        {
            writer.WriteString("subresource"u8, Writer.Subresource);
        }

        writer.WriteEndObject();
    }

    private static bool MayShare(ReadOnlySpan<byte> utf8, FieldSet fields)
    {
        Span<byte> buffer = stackalloc byte[68];
        foreach (var node in fields.Nodes)
        {
            if (MayHold(utf8, node.Element, buffer) && (node.IsMember || MayShare(utf8, node.Below)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayHold(ReadOnlySpan<byte> utf8, PathElement element, Span<byte> buffer)
    {
        var name = element.Text;
        if (element.Kind != PathElementKind.Field || name.Length > buffer.Length - 4)
        {
            return true;
        }

        "\"f:"u8.CopyTo(buffer);
        for (var i = 0; i < name.Length; i++)
        {
            // Others may be written in several ways.
            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] is not ('-' or '.' or '_' or '/'))
            {
                return true;
            }

            buffer[3 + i] = (byte)name[i];
        }

        buffer[3 + name.Length] = (byte)'"';
        return utf8.IndexOf(buffer[..(4 + name.Length)]) >= 0;
    }
}
