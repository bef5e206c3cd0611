using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Modular.ApiServer.Tests;

public sealed class YamlTests
{
    [Theory]
    [InlineData("a: yes", """{"a":true}""")]
    [InlineData("a: Off", """{"a":false}""")]
    [InlineData("a: 'yes'", """{"a":"yes"}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: 0777", """{"a":511}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 1_000", """{"a":1000}""")]
    [InlineData("a: -12", """{"a":-12}""")]
    [InlineData("a: 1.5e3", """{"a":1500}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 100m", """{"a":"100m"}""")]
    [InlineData("a: 0089", """{"a":89}""")]
    [InlineData("a: 2030-01-01", """{"a":"2030-01-01"}""")]
    [InlineData("a: !!str 12", """{"a":"12"}""")]
    [InlineData("1: b", """{"1":"b"}""")]
    [InlineData("true: b", """{"true":"b"}""")]
    [InlineData("a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}")]
    [InlineData("- 1\n- [a, {b: c}]", """[1,["a",{"b":"c"}]]""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("a: &x {b: 1, d: 2}\nc: {<<: *x, b: 3}", """{"a":{"b":1,"d":2},"c":{"b":3,"d":2}}""")]
    public void Scalars_and_structures_mean_what_Kubernetes_reads(string yaml, string json) =>
        Assert.Equal(json, YamlDecoder.Decode(Encoding.UTF8.GetBytes(yaml), out _).ToJsonString());

    [Fact]
    public void Duplicate_keys_are_reported_and_the_last_wins()
    {
        var node = YamlDecoder.Decode("spec:\n  a: 1\n  a: 2\n  l:\n  - b: 1\n    b: 2\n"u8, out var duplicates);
        Assert.Equal("""{"spec":{"a":2,"l":[{"b":2}]}}""", node.ToJsonString());
        Assert.Equal(["spec.a", "spec.l[0].b"], duplicates);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a: b: c")]
    [InlineData("a: [")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("a: *nobody")]
    [InlineData("a: .inf")]
    [InlineData("{a: 1}: b")]
    [InlineData("a: [1, 2\nb: 3\n")]
    [InlineData("a: {b: 1\nc: 2\n")]
    public void What_is_wrong_is_a_bad_request(string yaml)
    {
        var failure = Assert.Throws<ApiException>(() => YamlDecoder.Decode(Encoding.UTF8.GetBytes(yaml), out _));
        Assert.Equal(StatusReason.BadRequest, failure.Reason);
    }

    [Fact]
    public void A_small_document_does_not_become_a_huge_one()
    {
        var yaml = new StringBuilder("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for (var i = 1; i < 9; i++)
        {
            yaml.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        var failure = Assert.Throws<ApiException>(() => YamlDecoder.Decode(Encoding.UTF8.GetBytes(yaml.ToString()), out _));
        Assert.Contains("aliasing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_string_reads_back_the_same()
    {
        string[] pieces = ["", "a", " ", "\t", "\n", "\r", "\r\n", "\0", "\u0007", "\u0085", "\u00a0", "\u2028", "\ufeff", "\ud83d\ude00", "#", ":", "-", "?", "|", ">", "&", "*", "!", "%", "@", "`", "'", "\"", "\\", "[", "]", "{", "}", ",", "---", "...", "1", "~"];
        var wrong = new List<string>();
        foreach (var first in pieces)
        {
            foreach (var second in pieces)
            {
                foreach (var text in (string[])[first + second, $"a{first}{second}a", $"{first}a{second}", $"{first}a\n{second}b\n{first}"])
                {
                    var json = new JsonObject { ["outer"] = new JsonObject { ["value"] = text, [text] = new JsonArray(text) } };
                    var writer = new ArrayBufferWriter<byte>();
                    YamlEncoder.Encode(Encoding.UTF8.GetBytes(json.ToJsonString()), writer);
                    if (!ReadsAs(json, writer.WrittenSpan))
                    {
                        wrong.Add(json.ToJsonString());
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_keys_and_strings_read_back_the_same(int seed)
    {
        var random = new Random(seed);
        var wrong = new List<string>();
        for (var i = 0; i < 2_000; i++)
        {
            var (key, value) = (RandomText(random), RandomText(random));
            var json = new JsonObject { [key] = value, ["l"] = new JsonArray(value, new JsonObject { [key] = new JsonArray(key) }) };
            json["o"] = new JsonObject { ["first"] = 1, [value] = new JsonObject { [key] = null } };
            var writer = new ArrayBufferWriter<byte>();
            YamlEncoder.Encode(Encoding.UTF8.GetBytes(json.ToJsonString()), writer);
            if (!ReadsAs(json, writer.WrittenSpan))
            {
                wrong.Add(json.ToJsonString());
            }
        }

        Assert.Empty(wrong);
    }

    // Mostly what YAML takes for something else, and now and then long: what is too long for a key on one line is written otherwise.
    private static string RandomText(Random random)
    {
        const string Odd = " \t\n\r\0-?:,[]{}#&*!|>'\"%@`=<.~\\/+_0123456789abenoxyNTUZ\u0085\u00a0\u2028\ufeff\ufffd";
        var text = new StringBuilder();
        for (var length = random.Next(50) == 0 ? random.Next(1200) : random.Next(12); length > 0; length--)
        {
            text.Append(random.Next(40) == 0 ? char.ConvertFromUtf32(random.Next(0xe000, 0x110000)) : Odd[random.Next(Odd.Length)].ToString());
        }

        return text.ToString();
    }

    private static bool ReadsAs(JsonObject json, ReadOnlySpan<byte> yaml)
    {
        try
        {
            return JsonNode.DeepEquals(json, YamlDecoder.Decode(yaml, out _));
        }
        catch (ApiException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(250, true)]
    [InlineData(251, false)]
    public void A_document_may_be_as_deep_as_json_may_be(int depth, bool reads)
    {
        var text = new string('[', depth) + "1" + new string(']', depth);

        Assert.Equal(reads, Record.Exception(() => JsonDecoder.Decode(Encoding.UTF8.GetBytes(text), out _)) is null);
        Assert.Equal(reads, Record.Exception(() => YamlDecoder.Decode(Encoding.UTF8.GetBytes(text), out _)) is null);
    }

    [Fact]
    public void Aliases_do_not_make_a_document_deeper_than_it_may_be()
    {
        var (open, close) = (new string('[', 100), new string(']', 100));

        var failure = Assert.Throws<ApiException>(() => YamlDecoder.Decode(Encoding.UTF8.GetBytes($"a: &a {open}1{close}\nb: &b {open}*a{close}\nc: {open}*b{close}\n"), out _));

        Assert.Contains("nested too deep", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused_with_its_line()
    {
        var failure = Assert.Throws<ApiException>(() => YamlDecoder.Decode([.. "a: 1\nb: "u8, 0xff], out _));

        Assert.Equal("yaml: line 2: invalid UTF-8", failure.Message);
    }

    [Theory]
    [InlineData("""{"a":"yes","b":"12","c":"0x1","d":"null","e":"","f":"1e3","g":".nan"}""")]
    [InlineData("""{"a":"x: y","b":"- z","c":"#no","d":" lead","e":"trail ","f":"{","g":"a\nb\n","h":"a\n\n b","i":"tab\there"}""")]
    [InlineData("""{"a":[],"b":{},"c":null,"d":[[1],[{"x":true}]],"e":-1.25,"f":"blåå 漢字"}""")]
    [InlineData("""{"y":1,"on":2,"8080":"x","<<":"m"}""")]
    public void What_is_written_reads_back_the_same(string json)
    {
        var writer = new ArrayBufferWriter<byte>();
        YamlEncoder.Encode(Encoding.UTF8.GetBytes(json), writer);
        var back = YamlDecoder.Decode(writer.WrittenSpan, out var duplicates);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), back), Encoding.UTF8.GetString(writer.WrittenSpan));
        Assert.Empty(duplicates);
    }

    [Fact]
    public void A_file_of_manifests_is_read_by_the_same_rules()
    {
        var documents = YamlDecoder.DecodeAll("a: &x yes\n---\n---\nb: [1]\n...\n");
        Assert.Equal(["""{"a":true}""", null, """{"b":[1]}"""], documents.Select(d => d?.ToJsonString()));
        Assert.Empty(YamlDecoder.DecodeAll(""));
        Assert.Throws<YamlDotNet.Core.YamlException>(() => YamlDecoder.DecodeAll("a: &x 1\n---\nb: *x\n"));
    }

    [Fact]
    public void A_key_that_stands_twice_in_a_manifest_is_named_with_its_line()
    {
        var error = Assert.Throws<YamlDotNet.Core.YamlException>(() => YamlDecoder.DecodeAll("a: 1\nb:\n  c: 1\n  c: 2\n"));
        Assert.Equal((4L, "key \"b.c\" stands twice"), (error.Start.Line, error.Message));
    }

    [Theory]
    [InlineData("2030-01-01T00:00:00Z", "\"2030-01-01T00:00:00Z\"")]
    [InlineData("2030-01-01", "\"2030-01-01\"")]
    [InlineData("1.36.0", "1.36.0")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    public void A_string_that_others_read_as_a_date_is_quoted(string value, string expected)
    {
        var writer = new ArrayBufferWriter<byte>();
        YamlEncoder.Encode(Encoding.UTF8.GetBytes(new JsonObject { ["a"] = value, ["e"] = new JsonObject(), ["f"] = new JsonArray() }.ToJsonString()), writer);
        Assert.Equal($"a: {expected}\ne: {{}}\nf: []\n", Encoding.UTF8.GetString(writer.WrittenSpan));
    }
}
